/**
 * Who may ask what: every route of the API that is for users, asked by everyone there is. A route that is added without
 * a row here fails.
 */
import { allRoutes } from "@benchgen/api/route/all.ts";
import { defaultUploadPolicy } from "@benchgen/core/upload/part-plan.ts";
import { type Scope, problemSchema, scopes } from "@benchgen/core/wire/api.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { echoBundle } from "../support/api.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

/** What is asked, and how it is answered. The three are told apart by status alone. */
interface Row {
  readonly path: () => string;
  readonly body?: () => unknown;
  /** To whoever it belongs to: the participant, the author, the administrator. */
  readonly own: number;
  /** To another participant of the same workspace. */
  readonly other: number;
  /** To an administrator of another workspace. */
  readonly stranger: number;
}

let pipeline: Pipeline;
/** What the rows are about, made before they are asked. */
const made = { submission: "", upload: "", parts: "", run: "", another: "", token: "" };

const echo = "/environments/lab~echo";
const version = `${echo}/versions/1`;
const sha256 = "0".repeat(64);
const aRun = (rest = "") => ({ path: () => `/runs/${made.run}${rest}`, other: 404, stranger: 404 });
const ofEnvironment = (path: string) => ({ path: () => path, own: 200, other: 200, stranger: 404 });
const forAuthors = (path: string) => ({ path: () => path, own: 200, other: 403, stranger: 404 });
/** Lists hold what the one who asks may see; what is made is made in their own workspace. */
const ofAnyone = (path: string, own = 200) => ({ path: () => path, own, other: own, stranger: own });
const aModel = (name: string) => ({
  name,
  baseUrl: "http://127.0.0.1:9/v1",
  model: "m",
});

/** By operation id, in the order in which they are asked: what takes something away comes last. */
const rows: Readonly<Record<string, Row>> = {
  getIdentity: ofAnyone("/whoami"),
  followEvents: ofAnyone("/events"),
  listEnvironments: ofAnyone("/environments"),
  getEnvironment: ofEnvironment(echo),
  listVersions: ofEnvironment(`${echo}/versions`),
  getVersion: ofEnvironment(version),
  readPage: ofEnvironment(`${version}/pages/terms.md`),
  downloadFile: { ...ofEnvironment(`${version}/files/nothing.zip`), own: 404, other: 404 },
  readLeaderboard: ofEnvironment(`${echo}/leaderboard`),
  downloadBundle: forAuthors(`${version}/bundle`),
  listBundle: forAuthors(`${version}/bundle/files`),
  setEnvironmentVisibility: { ...forAuthors(echo), body: () => ({ visibility: "private" }) },
  forcePublishVersion: {
    ...forAuthors(`${version}/publish`),
    body: () => ({ despiteFailedSolution: true }),
    own: 409,
  },
  createUpload: {
    ...ofAnyone("/uploads", 201),
    body: () => ({ kind: "submission", filename: "a.zip", size: 1, sha256 }),
  },
  getUpload: { path: () => `/uploads/${made.upload}`, own: 200, other: 404, stranger: 404 },
  listUploadParts: { path: () => `/uploads/${made.parts}/parts`, own: 200, other: 404, stranger: 404 },
  signUploadParts: {
    path: () => `/uploads/${made.parts}/parts`,
    body: () => ({ parts: [{ number: 1, size: 8 * 1024 ** 2, sha256 }] }),
    own: 200,
    other: 404,
    stranger: 404,
  },
  completeUpload: { path: () => `/uploads/${made.parts}/complete`, own: 409, other: 404, stranger: 404 },
  createSubmission: {
    path: () => "/submissions",
    body: () => ({ uploadId: made.upload }),
    own: 201,
    other: 404,
    stranger: 404,
  },
  getSubmission: { path: () => `/submissions/${made.submission}`, own: 200, other: 404, stranger: 404 },
  listRuns: ofAnyone("/runs"),
  startRun: {
    path: () => "/runs",
    body: () => ({ environment: "lab/echo", submissionId: made.submission }),
    own: 201,
    other: 404,
    stranger: 404,
  },
  getRun: { ...aRun(), own: 200 },
  listRunFiles: { ...aRun("/files"), own: 200 },
  readRunLogs: { ...aRun("/logs"), own: 200 },
  listCases: { ...aRun("/cases"), own: 200 },
  exportCases: { ...aRun("/cases/export"), own: 200 },
  getCase: { ...aRun("/cases/0/nothing"), own: 404 },
  getReport: { ...aRun("/report"), own: 200 },
  getFailures: { ...aRun("/failures"), own: 200 },
  compareRuns: {
    path: () => `/compare?runs=${made.run},${made.another}`,
    // Neither run has cases.
    own: 409,
    other: 404,
    stranger: 404,
  },
  showRun: { ...aRun("/leaderboard"), own: 204 },
  hideRun: { ...aRun("/leaderboard"), own: 204 },
  cancelRun: { ...aRun("/cancel"), own: 409 },
  retryRun: { ...aRun("/retry"), own: 201 },
  addModel: { path: () => "/models", body: () => aModel("second"), own: 201, other: 403, stranger: 201 },
  listModels: ofAnyone("/models"),
  getModel: { path: () => "/models/first", own: 200, other: 200, stranger: 404 },
  testModel: { path: () => "/models/first/test", own: 200, other: 403, stranger: 404 },
  judgeFailures: { ...aRun("/failures/judge"), body: () => ({ model: "first" }), own: 200 },
  removeModel: { path: () => "/models/first", own: 204, other: 403, stranger: 404 },
  createToken: {
    path: () => "/tokens",
    body: () => ({ name: "new", scope: "read" }),
    own: 201,
    other: 403,
    stranger: 201,
  },
  listTokens: { path: () => "/tokens", own: 200, other: 403, stranger: 200 },
  revokeToken: { path: () => `/tokens/${made.token}`, own: 204, other: 403, stranger: 404 },
};

type Definition = (typeof allRoutes)["openAPIRegistry"]["definitions"][number];
type Route = Extract<Definition, { type: "route" }>["route"];

const routes = new Map<string, Route>(
  allRoutes.openAPIRegistry.definitions.flatMap((definition) =>
    definition.type === "route" ? [[definition.route.operationId ?? "", definition.route]] : [],
  ),
);

/** The scope that the document says a route needs; undefined for those that are not for users. */
function scopeOf(route: Route | undefined): Scope | undefined {
  return scopes.find((scope) => route?.security?.some(({ userToken = [] }) => userToken.includes(scope)));
}

/** To whom the things belong: an author's, where authors alone make or change them. */
const ownerOf = (scope: Scope) => (scope === "author" || scope === "admin" ? "ada" : "tim");

const actors = new Map<string, Actor>();
async function actor(name: string, scope: Scope, workspace = "lab"): Promise<Actor> {
  const key = `${workspace}/${name} ${scope}`;
  const known = actors.get(key) ?? (await pipeline.actor(name, scope, workspace));
  actors.set(key, known);
  return known;
}

beforeAll(async () => {
  pipeline = await openPipeline({
    uploadPolicy: { ...defaultUploadPolicy, onePutBytes: 1024 ** 2, partBytes: 8 * 1024 ** 2 },
  });
  const author = await actor("ada", "author");
  await author.push(echoBundle);
  await author.call("POST", "/models", { body: aModel("first") });
  const tim = await actor("tim", "submit");
  const { submissionId, id } = await tim.evaluate("echo", { "answer.txt": "0.5" });
  Object.assign(made, { submission: submissionId, run: id });
  made.another = (await tim.evaluate("echo", { "answer.txt": "0.5" })).id;
  made.upload = (await tim.api.upload(tim.token, "submission", { "answer.txt": "1" })).id;
  made.parts = await announceParts(tim);
  const root = await actor("root", "admin");
  const token = await root.call("POST", "/tokens", { body: { name: "gone", scope: "read" } });
  made.token = ((await token.json()) as { token: { id: string } }).token.id;
});

afterAll(() => pipeline.close());

async function announceParts(tim: Actor): Promise<string> {
  const body = { kind: "submission", filename: "large.zip", size: 9 * 1024 ** 2, sha256 };
  const announced = await tim.call("POST", "/uploads", { body });
  return ((await announced.json()) as { upload: { id: string } }).upload.id;
}

it("has a row for every route that is for users, and no other", () => {
  const forUsers = [...routes].filter(([, route]) => scopeOf(route) !== undefined).map(([id]) => id);
  expect(Object.keys(rows).toSorted()).toEqual(forUsers.toSorted());
});

describe.each(Object.entries(rows))("%s", (id, row) => {
  const route = routes.get(id)!;
  const scope = scopeOf(route)!;

  async function ask(who: { readonly token?: string }): Promise<Response> {
    const body = row.body === undefined ? {} : { body: row.body() };
    const answer = await pipeline.api.call(route.method.toUpperCase(), row.path(), { ...who, ...body });
    await requireDescribed(route, answer);
    return answer;
  }

  it("is refused without a token, and with one that nobody made", async () => {
    expect((await ask({})).status).toBe(401);
    expect((await ask({ token: "bg_made-up" })).status).toBe(401);
  });

  if (scope !== "read") {
    it(`is refused to its own ${ownerOf(scope)} without the scope ${scope}`, async () => {
      const less = scopes[scopes.indexOf(scope) - 1]!;
      const answer = await ask(await actor(ownerOf(scope), less));
      expect(problemSchema.parse(await answer.json())).toMatchObject({ status: 403, code: "scope_missing" });
    });
  }

  it("is answered to another participant and to another workspace as they may know of it", async () => {
    expect((await ask(await actor("sue", "submit"))).status).toBe(row.other);
    expect((await ask(await actor("eve", "admin", "elsewhere"))).status).toBe(row.stranger);
  });

  it(`is answered to its own with the scope ${scope}`, async () => {
    expect((await ask(await actor(ownerOf(scope), scope))).status).toBe(row.own);
  });
});

it("what participants sent is seen by an administrator of their workspace, and their runs by its authors", async () => {
  const [root, ada] = [await actor("root", "admin"), await actor("ada", "author")];
  for (const path of [`/uploads/${made.upload}`, `/submissions/${made.submission}`]) {
    expect((await root.call("GET", path)).status).toBe(200);
    expect((await ada.call("GET", path)).status).toBe(404);
  }
  for (const who of [root, ada]) expect((await who.call("GET", `/runs/${made.run}`)).status).toBe(200);
});

/** The status is one the document lists, and a JSON body has what its schema says and nothing else. */
async function requireDescribed({ operationId, responses }: Route, answer: Response): Promise<void> {
  const described = responses[String(answer.status)];
  expect(described, `${operationId} answers ${answer.status}`).toBeDefined();
  const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
  if (!type.endsWith("json")) {
    if (type === "text/event-stream") await answer.body?.cancel();
    return;
  }
  const { content = {} } = described as { content?: Record<string, { schema: z.ZodType }> };
  const body: unknown = await answer.clone().json();
  expect(content[type]?.schema.parse(body)).toEqual(body);
}

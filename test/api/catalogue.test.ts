/** Uploads, environments, versions and tokens, as clients of the API see them. */
import { createToken } from "@benchgen/core/access/token.ts";
import { tableKey } from "@benchgen/core/record/key.ts";
import {
  createdTokenSchema,
  environmentSchema,
  pageOf,
  problemSchema,
  tokenSchema,
  uploadSchema,
  versionSchema,
} from "@benchgen/core/wire/api.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Call, type TestApi, announcedSchema, echoBundle, openApi } from "../support/api.ts";

let api: TestApi;
let author: string;
let reader: string;
let stranger: string;

beforeAll(async () => {
  api = await openApi();
  author = await api.token("ada", "author");
  reader = await api.token("rea", "read");
  stranger = await api.token("eve", "admin", "elsewhere");
  const upload = await api.upload(author, "bundle", echoBundle);
  expect(upload).toMatchObject({ status: "accepted", result: { environment: "echo", version: 1 } });
});

afterAll(() => api.close());

async function problem(method: string, path: string, call: Call) {
  return problemSchema.parse(await (await api.call(method, path, call)).json());
}

describe("uploads", () => {
  it("of a bundle with errors are rejected with every finding", async () => {
    const { "scoring_program/metadata.yaml": _, ...broken } = echoBundle;
    const upload = await api.upload(author, "bundle", { ...broken, "competition.yaml": "version: 2\n" });
    expect(upload.status).toBe("rejected");
    expect(upload.findings.filter(({ level }) => level === "error").length).toBeGreaterThan(1);
  });

  it("of identical content make no new version", async () => {
    const upload = await api.upload(author, "bundle", echoBundle);
    expect(upload.result).toMatchObject({ version: 1, unchanged: true });
  });

  it("are seen by nobody else", async () => {
    const { id } = uploadSchema.parse(await api.upload(author, "submission", { "a.txt": "1" }));
    expect((await problem("GET", `/uploads/${id}`, { token: reader })).status).toBe(404);
  });

  it("are no submission before they have come, nor once they have expired", async () => {
    const body = { kind: "submission", filename: "a.zip", size: 1, sha256: "0".repeat(64) };
    const announced = await api.call("POST", "/uploads", { token: author, body });
    const { id } = announcedSchema.parse(await announced.json()).upload;
    const submit = () => problem("POST", "/submissions", { token: author, body: { uploadId: id } });
    expect(await submit()).toMatchObject({ status: 409, code: "upload_not_ready" });
    await api.local.ports.table.write([
      { kind: "update", key: tableKey.upload(id), set: { status: "expired" } },
    ]);
    expect(await submit()).toMatchObject({ status: 409, code: "upload_expired" });
  });

  it("of bundles are for authors", async () => {
    const body = { kind: "bundle", filename: "b.zip", size: 1, sha256: "0".repeat(64) };
    expect(await problem("POST", "/uploads", { token: reader, body })).toMatchObject({
      status: 403,
      code: "scope_missing",
    });
  });
});

describe("environments", () => {
  it("are listed by page", async () => {
    const answer = await api.call("GET", "/environments?limit=1", { token: reader });
    const { items } = pageOf(environmentSchema).parse(await answer.json());
    expect(items.map(({ name }) => name)).toEqual(["echo"]);
  });

  it("are found by name, by workspace and name however the slash is written, by version, and by id", async () => {
    const read = async (ref: string) =>
      environmentSchema.parse(
        await (await api.call("GET", `/environments/${ref}`, { token: reader })).json(),
      );
    const { id } = await read("echo");
    for (const ref of ["lab~echo", "lab%2Fecho", "lab%2fecho", "echo@1", "lab~echo%401", id]) {
      expect((await read(ref)).id).toBe(id);
    }
  });

  it("with a name that cannot be one, and with none at all, are told apart from a route", async () => {
    expect(await problem("GET", "/environments/a%2Fb%2Fc", { token: reader })).toMatchObject({
      status: 400,
      code: "reference_invalid",
    });
    expect(await problem("GET", "/environments/lab/echo", { token: reader })).toMatchObject({
      status: 404,
      code: "route_not_found",
    });
  });

  it("are private until their author makes them public", async () => {
    const path = "/environments/lab~echo";
    expect((await api.call("GET", path, { token: stranger })).status).toBe(404);
    const body = { visibility: "public" };
    expect((await api.call("PATCH", path, { token: reader, body })).status).toBe(403);
    expect((await api.call("PATCH", path, { token: author, body })).status).toBe(200);
    expect((await api.call("GET", path, { token: stranger })).status).toBe(200);
    expect((await api.call("PATCH", path, { token: stranger, body: { visibility: "private" } })).status).toBe(
      403,
    );
    expect((await api.call("PATCH", path, { token: author, body: { visibility: "private" } })).status).toBe(
      200,
    );
  });
});

describe("versions", () => {
  it("are listed and read by number", async () => {
    const answer = await api.call("GET", "/environments/echo/versions", { token: reader });
    const { items } = pageOf(versionSchema).parse(await answer.json());
    const one = await api.call("GET", "/environments/echo/versions/1", { token: reader });
    expect(items).toEqual([versionSchema.parse(await one.json())]);
    expect((await api.call("GET", "/environments/echo/versions/2", { token: reader })).status).toBe(404);
  });

  it("that are not held back cannot be published by force, and the choice must be said in full", async () => {
    const path = "/environments/echo/versions/1/publish";
    expect((await problem("POST", path, { token: author, body: {} })).status).toBe(422);
    const body = { despiteFailedSolution: true };
    expect(await problem("POST", path, { token: author, body })).toMatchObject({
      status: 409,
      code: "version_not_held",
    });
  });

  it("are downloaded by their authors as the bundle that was uploaded", async () => {
    const path = "/environments/echo/versions/1/bundle";
    const answer = await api.call("GET", path, { token: author });
    expect(answer.headers.get("content-type")).toBe("application/zip");
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment; filename="echo-v1.zip"/);
    const zip = Buffer.from(await answer.arrayBuffer());
    for (const [path, text] of Object.entries(echoBundle)) {
      expect(zip.includes(path)).toBe(true);
      expect(zip.includes(text)).toBe(true);
    }
    expect((await api.call("GET", path, { token: reader })).status).toBe(403);
  });
});

describe("pages", () => {
  const pages = "/environments/echo/versions/1/pages";

  it("are found by their path, with its slashes or without", async () => {
    for (const file of ["pages/overview.md", "pages%2Foverview.md"]) {
      expect(await (await api.call("GET", `${pages}/${file}`, { token: reader })).text()).toBe("# Echo\n");
    }
  });

  it.each([
    ["pages/live.html", "text/html; charset=utf-8"],
    ["logo.svg", "image/svg+xml"],
    ["terms.md", "text/markdown; charset=utf-8"],
  ])("such as %s are shown in a sandbox that runs no script", async (file, type) => {
    const { headers } = await api.call("GET", `${pages}/${file}`, { token: reader });
    expect(headers.get("content-type")).toBe(type);
    expect(headers.get("content-security-policy")).toMatch(/^sandbox; default-src 'none';/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it.each([
    "reference_data/answers.txt",
    "competition.yaml",
    "..%2Freference_data%2Fanswers.txt",
    "pages/%2e%2e/reference_data/answers.txt",
    "pages%2F..%2Freference_data%2Fanswers.txt",
    "%00",
    "__proto__",
  ])("do not lead to %s", async (file) => {
    expect((await api.call("GET", `${pages}/${file}`, { token: reader })).status).toBe(404);
  });
});

describe("tokens", () => {
  it("show their secret once, are listed without it, and stop working when revoked", async () => {
    const admin = await api.token("root", "admin");
    const made = await api.call("POST", "/tokens", { token: admin, body: { name: "tim", scope: "read" } });
    expect(made.status).toBe(201);
    const { token, secret } = createdTokenSchema.parse(await made.json());
    const listed = await (await api.call("GET", "/tokens?limit=200", { token: admin })).text();
    expect(
      pageOf(tokenSchema)
        .parse(JSON.parse(listed))
        .items.map(({ id }) => id),
    ).toContain(token.id);
    expect(listed).not.toContain(secret);
    expect((await api.call("GET", "/runs", { token: secret })).status).toBe(200);
    expect((await api.call("DELETE", `/tokens/${token.id}`, { token: admin })).status).toBe(204);
    expect(await problem("GET", "/runs", { token: secret })).toMatchObject({
      status: 401,
      code: "token_invalid",
    });
    expect((await api.call("DELETE", `/tokens/${token.id}`, { token: admin })).status).toBe(404);
  });

  it("that have expired are neither listed nor taken, as one that is too long to be one", async () => {
    const admin = await api.token("root", "admin", "past");
    const lastYear = { now: () => new Date(Date.now() - 365 * 86_400_000) };
    const operator = { workspace: "past", name: "operator", scope: "admin" } as const;
    const { secret } = await createToken({ ...api.local.ports, clock: lastYear }, operator, {
      name: "old",
      scope: "read",
      expiresInDays: 1,
    });
    const { items } = pageOf(tokenSchema).parse(
      await (await api.call("GET", "/tokens", { token: admin })).json(),
    );
    expect(items.map(({ name }) => name)).toEqual(["root"]);
    for (const token of [secret, "x".repeat(600)]) {
      expect(await problem("GET", "/whoami", { token })).toMatchObject({
        status: 401,
        code: "token_invalid",
      });
    }
  });

  it("are for administrators, each of their own workspace", async () => {
    expect((await api.call("GET", "/tokens", { token: author })).status).toBe(403);
    const { items } = pageOf(tokenSchema).parse(
      await (await api.call("GET", "/tokens", { token: stranger })).json(),
    );
    expect(items.map(({ name }) => name)).toEqual(["eve"]);
  });
});

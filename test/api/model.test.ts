/** Models, as clients of the API see them; their endpoint is a server of ours. */
import { getModel, removeModel } from "@benchgen/core/model/manage.ts";
import { modelSchema, modelTestSchema, pageOf, problemSchema } from "@benchgen/core/wire/api.ts";
import { type Solver, type SolverOptions, startSolver } from "@benchgen/cli/solver/server.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Call, type TestApi, openApi } from "../support/api.ts";
import { bundleFiles } from "../support/bundle.ts";
import { Actor } from "../support/pipeline.ts";

const key = "sk-very-secret-0123456789";
let api: TestApi;
let author: string;
let solver: Solver | undefined;

beforeAll(async () => {
  api = await openApi();
  author = await api.token("ada", "author");
});

afterAll(() => api.close());

afterEach(async () => {
  await api.call("DELETE", "/models/solver", { token: author });
  await solver?.close();
  solver = undefined;
});

async function add(more: object = {}): Promise<Response> {
  const body = { name: "solver", baseUrl: "http://127.0.0.1:9/v1/", model: "solver-1", key, ...more };
  return api.call("POST", "/models", { token: author, body });
}

async function problem(method: string, path: string, call: Call) {
  return problemSchema.parse(await (await api.call(method, path, call)).json());
}

async function tested(options: SolverOptions, more: object = {}) {
  solver = await startSolver(options);
  await add({ baseUrl: solver.url, ...more });
  const response = await api.call("POST", "/models/solver/test", { token: author });
  const text = await response.text();
  expect(text).not.toContain(key);
  return modelTestSchema.parse(JSON.parse(text));
}

describe("models", () => {
  it("are added, listed and removed, and their key is never shown", async () => {
    const added = await add({ prices: { input: 0.4, output: 1.6, version: "2026-01-01" } });
    expect(added.status).toBe(201);
    expect(added.headers.get("location")).toBe("/models/solver");
    const listed = await (await api.call("GET", "/models", { token: author })).text();
    expect((await added.text()) + listed).not.toContain(key);
    expect(pageOf(modelSchema).parse(JSON.parse(listed)).items).toMatchObject([
      { name: "solver", baseUrl: "http://127.0.0.1:9/v1", hasKey: true, prices: { input: 0.4 } },
    ]);
    expect((await api.call("DELETE", "/models/solver", { token: author })).status).toBe(204);
    expect(await problem("GET", "/models/solver", { token: author })).toMatchObject({ code: "not_found" });
  });

  it("that are made anew under their name while they are being removed stay", async () => {
    await add();
    const { ports } = api.local;
    const ada = { workspace: "lab", name: "ada", scope: "author" } as const;
    const secrets = {
      ...ports.secrets,
      // Between the two steps of the one, all of another removal and a new model.
      async delete(name: string) {
        await ports.secrets.delete(name);
        await removeModel(ports, ada, "solver");
        expect((await add({ model: "solver-2" })).status).toBe(201);
      },
    };
    await removeModel({ ...ports, secrets }, ada, "solver");
    expect(await getModel(ports, ada, "solver")).toMatchObject({ model: "solver-2" });
  });

  it("have names of their own in each workspace", async () => {
    await add();
    expect(await problem("POST", "/models", { token: author, body: { ...plain } })).toMatchObject({
      code: "model_exists",
    });
    const stranger = await api.token("eve", "author", "elsewhere");
    expect(await problem("GET", "/models/solver", { token: stranger })).toMatchObject({ code: "not_found" });
  });

  it("are added and tested by authors only", async () => {
    await add();
    const token = await api.token("tim", "submit");
    expect(await problem("POST", "/models", { token, body: plain })).toMatchObject({ status: 403 });
    expect(await problem("POST", "/models/solver/test", { token })).toMatchObject({ status: 403 });
  });

  it("cannot have an address inside somebody's network", async () => {
    const body = { ...plain, name: "inside", baseUrl: "https://169.254.169.254/v1" };
    expect(await problem("POST", "/models", { token: author, body })).toMatchObject({
      code: "upstream_url_refused",
    });
  });

  it.each(["http://127.0.0.1:9/v1/chat/completions", "http://127.0.0.1:9/v1/completions/"])(
    "have a base URL that others are made of, and not %s",
    async (baseUrl) => {
      const response = await add({ baseUrl });
      expect(response.status).toBe(422);
      expect(await response.text()).toContain("must end before /chat/completions");
    },
  );

  it("do not echo a key that is refused", async () => {
    const body = { ...plain, key: "two words-secret" };
    const response = await api.call("POST", "/models", { token: author, body });
    expect(response.status).toBe(422);
    expect(await response.text()).not.toContain("secret");
  });
});

const plain = { name: "solver", baseUrl: "http://127.0.0.1:9/v1", model: "solver-1", key };

describe("a test of a model", () => {
  it("says what it answered, what that took and what it cost", async () => {
    const prices = { input: 1000, output: 1000, version: "test" };
    expect(await tested({ key }, { prices })).toMatchObject({
      ok: true,
      status: 200,
      answer: "I don't know.",
      usage: { inputTokens: 8, outputTokens: 4 },
      costUsd: 0.012,
    });
  });

  it("says that the key is wrong, and does not show it", async () => {
    expect(await tested({ key: "another" })).toMatchObject({
      ok: false,
      status: 401,
      problem: { code: "upstream_key_refused" },
    });
  });

  it.each([
    ["rate_limit", "upstream_rate_limited"],
    ["server_error", "upstream_failed"],
    ["redirect", "upstream_redirected"],
    ["malformed", "upstream_unreadable"],
    ["cut", "upstream_cut"],
  ] as const)("says when the endpoint fails by %s", async (mode, code) => {
    expect(await tested({ fail: () => mode })).toMatchObject({ ok: false, problem: { code } });
  });

  it("says when nobody is there", async () => {
    await add({ baseUrl: "http://127.0.0.1:1/v1" });
    const response = await api.call("POST", "/models/solver/test", { token: author });
    expect(modelTestSchema.parse(await response.json())).toMatchObject({
      ok: false,
      problem: { code: "upstream_unreachable" },
    });
  });
});

it("a run is not made again, at the cost of another workspace's model, by the environment's author", async () => {
  const ada = new Actor(api, author);
  const eve = new Actor(api, await api.token("eve", "author", "elsewhere"));
  await ada.push(bundleFiles({ title: "Open", ingestion: { script: "sleep 600" } }));
  await ada.call("PATCH", "/environments/open", { body: { visibility: "public" } });
  await eve.call("POST", "/models", { body: { name: "hers", baseUrl: "http://127.0.0.1:9/v1", model: "m" } });
  const { id } = await eve.start({ environment: "lab/open", model: "hers" });
  expect(await ada.cancel(id)).toMatchObject({ status: "cancelled" });
  expect(await ada.problem("POST", `/runs/${id}/retry`)).toMatchObject({
    status: 403,
    code: "models_not_yours",
  });
  const again = await eve.retry(id);
  expect(again).toMatchObject({ retryOf: id, model: { name: "hers" } });
  await eve.cancel(again.id);
  await eve.ended(again.id);
});

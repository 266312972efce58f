/** The gateway over the real local adapters; the model is a server of ours that computes its answers. */
import type { Budget } from "@benchgen/core/gateway/budget.ts";
import { type Solver, type SolverOptions, startSolver } from "@benchgen/cli/solver/server.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type TestApi, openApi, until } from "../support/api.ts";
import {
  type Scene,
  errorOf,
  modelKey as key,
  modelPrices as prices,
  openScene,
  startHeldEndpoint,
} from "../support/gateway.ts";

let api: TestApi;
let author: string;
let solver: Solver;

beforeAll(async () => {
  api = await openApi();
  author = await api.token("ada", "author");
});

afterAll(() => api.close());

afterEach(() => solver.close());

/** A solver as the model, and a run that may call it. */
async function open(
  options: SolverOptions = {},
  budget: Budget = {},
  model: object = { prices },
): Promise<Scene> {
  solver = await startSolver({ key, ...options });
  return openScene(api, author, solver.url, { budget, model });
}

/** What OpenAI's own endpoint would have sent. */
async function direct(prompt: string, more: object): Promise<string> {
  const response = await fetch(`${solver.url}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: "solver-1", messages: [{ role: "user", content: prompt }], ...more }),
  });
  return response.text();
}

describe("a call", () => {
  it("is answered by the run's model, with the real key, and measured", async () => {
    const { ask, calls } = await open();
    const response = await ask("What is 6 * 7?", {}, { "x-case-id": "q%2F1", "x-case-epoch": "2" });
    expect(await response.json()).toMatchObject({
      model: "solver-1",
      choices: [{ message: { content: "42" } }],
    });
    expect(solver.calls[0]?.headers["x-case-id"]).toBeUndefined();
    expect(await calls()).toMatchObject([
      {
        caseId: "q/1",
        epoch: 2,
        model: "solver-1",
        usage: { inputTokens: 4, outputTokens: 1 },
        estimated: false,
        costNano: 5_000_000,
        priceVersion: "2026-01",
        stopReason: "stop",
        retries: 0,
        streamed: false,
      },
    ]);
  });

  it("streams through byte for byte, with the usage measured and shown only to who asked", async () => {
    const { ask, calls } = await open();
    const prompt = 'Reverse "abcdefghijklmnopqrstuvwxyz"';
    const unasked = await ask(prompt, { stream: true });
    expect(unasked.headers.get("content-type")).toBe("text/event-stream");
    expect(await unasked.text()).toBe(await direct(prompt, { stream: true }));
    const options = { stream: true, stream_options: { include_usage: true } };
    expect(await (await ask(prompt, options)).text()).toBe(await direct(prompt, options));
    const measured = await calls();
    expect(measured).toHaveLength(2);
    for (const call of measured) {
      expect(call).toMatchObject({
        usage: { inputTokens: 9, outputTokens: 7 },
        stopReason: "stop",
        streamed: true,
      });
      expect(call.timeToFirstTokenMs).toBeLessThanOrEqual(call.latencyMs ?? 0);
    }
  });

  it.each([{}, { stream: true }])(
    "is estimated, and flagged, where the usage is missing: %j",
    async (more) => {
      const { ask, calls, totals } = await open({ fail: () => "no_usage" });
      await (await ask("What is 6 * 7?", more)).text();
      expect(await calls()).toMatchObject([{ estimated: true, usage: { outputTokens: 1 } }]);
      expect(await totals()).toMatchObject({ estimated: 1, calls: 1 });
    },
  );

  it("has no cost where a price is unknown, and tokens all the same", async () => {
    const { ask, calls, totals } = await open({}, {}, {});
    await (await ask("What is 1 + 1?")).text();
    const [call] = await calls();
    expect(call?.costNano).toBeUndefined();
    expect(await totals()).toMatchObject({ unpriced: 1, inputTokens: 4 });
  });

  it("is refused with another token, and below any path that is not a model's", async () => {
    const { ask, token } = await open();
    const wrong = await ask("?", {}, { authorization: "Bearer bgm_wrong" });
    expect(await errorOf(wrong)).toMatchObject({ status: 401, code: "token_invalid" });
    const files = await api.call("POST", "/gateway/v1/files", { token, body: {} });
    expect(await errorOf(files)).toMatchObject({ status: 404, code: "not_supported" });
    expect((await api.call("GET", "/runs", { token })).status).toBe(401);
    const models = await api.call("GET", "/gateway/v1/models", { token });
    expect(await models.json()).toMatchObject({ data: [{ id: "solver-1" }] });
  });
});

describe("an endpoint that fails", () => {
  it.each([
    ["rate_limit", 429, "upstream_rate_limited", "true"],
    ["server_error", 502, "upstream_failed", "true"],
    ["redirect", 502, "upstream_redirected", "false"],
    ["malformed", 502, "upstream_unreadable", "true"],
    ["cut", 502, "upstream_cut", "true"],
  ] as const)("by %s is told to the program with %d %s", async (mode, status, code, retry) => {
    const { ask, calls, totals } = await open({ fail: () => mode }, { tokens: 10_000 });
    const response = await ask("What is 1 + 1?");
    expect(response.headers.get("retry-after")).toBe(mode === "rate_limit" ? "1" : null);
    expect(await errorOf(response)).toEqual({ status, code, retry });
    expect(await calls()).toMatchObject([{ error: { code } }]);
    expect(await totals()).toMatchObject({ failed: 1, heldTokens: 0 });
  });

  it("in the middle of a stream ends it with an error that clients throw", async () => {
    const { ask, calls } = await open({ fail: () => "cut" });
    const text = await (await ask("What is 6 * 7?", { stream: true })).text();
    expect(text.trimEnd().split("\n\n").at(-1)).toContain('"code":"upstream_cut"');
    expect(await calls()).toMatchObject([{ error: { code: "upstream_cut" } }]);
  });

  it("by refusing the key is the operator's affair, not the program's", async () => {
    const { ask } = await open({ key: "another" });
    expect(await errorOf(await ask("?"))).toEqual({
      status: 502,
      code: "upstream_key_refused",
      retry: "false",
    });
  });

  it("by not being there is told", async () => {
    const { ask } = await open();
    await solver.close();
    solver = await startSolver();
    expect(await errorOf(await ask("?"))).toMatchObject({ status: 502, code: "upstream_unreachable" });
  });
});

describe("a budget", () => {
  it("is kept to the token by calls at the same time", async () => {
    // Each takes 4 tokens in and 1 out, and sets aside more than that.
    const { ask, totals } = await open({ latencyMs: 5 }, { tokens: 500 });
    const responses = await Promise.all(
      Array.from({ length: 40 }, (_, i) => ask(`What is ${i} * 7?`, { max_tokens: 100 })),
    );
    const spent = await totals();
    const answered = responses.filter(({ status }) => status === 200).length;
    expect(spent.inputTokens + spent.outputTokens).toBeLessThanOrEqual(500);
    expect(spent).toMatchObject({ calls: answered, heldTokens: spent.inputTokens + spent.outputTokens });
    expect(answered).toBeGreaterThan(10);
  });

  it.each([
    ["calls", { calls: 1 }],
    ["tokens", { tokens: 300 }],
    ["cost", { costNano: 300_000_000 }],
  ] as const)("of %s that is used up ends in an error that is not tried again", async (kind, budget) => {
    const { ask, totals, calls } = await open({}, budget);
    expect((await ask("What is 1 + 1?", { max_tokens: 200 })).status).toBe(200);
    const refused = await ask("What is 2 + 2?", { max_tokens: 290 });
    expect(await errorOf(refused)).toEqual({ status: 429, code: "budget_exhausted", retry: "false" });
    expect(await totals()).toMatchObject({ endedBy: kind, refused: 1, calls: 1 });
    expect(await calls()).toHaveLength(1);
  });

  it("of zero lets nothing through", async () => {
    const { ask } = await open({}, { costNano: 0 });
    expect(await errorOf(await ask("?"))).toMatchObject({ code: "budget_exhausted" });
    expect(solver.calls).toHaveLength(0);
  });
});

describe("a client's second try", () => {
  const second = { "x-stainless-retry-count": "1" };

  it.each([{}, { stream: true }])("gets the answer that nobody took, and costs nothing: %j", async (more) => {
    solver = await startSolver({ key });
    const held = await startHeldEndpoint(solver.url);
    const { ask, totals, calls } = await openScene(api, author, held.url);
    const gone = new AbortController();
    const first = ask("What is 6 * 7?", more, {}, gone.signal);
    await until(
      async () => held.asked(),
      (count) => count === 1,
    );
    gone.abort();
    // It waits for the first, which is still under way.
    const answer = ask("What is 6 * 7?", more, second);
    held.release();
    const text = await (await answer).text();
    expect(text).toBe(await direct("What is 6 * 7?", more));
    await first.then((response) => response.text()).catch(() => undefined);
    await held.close();
    expect(await totals()).toMatchObject({ calls: 1 });
    expect(await calls()).toHaveLength(1);
  });

  it("after a failure is a call of its own", async () => {
    const { ask, calls } = await open({ fail: ({ index }) => (index === 0 ? "server_error" : undefined) });
    expect((await ask("What is 6 * 7?")).status).toBe(502);
    expect((await ask("What is 6 * 7?", {}, second)).status).toBe(200);
    expect((await calls()).map(({ retries }) => retries)).toEqual(expect.arrayContaining([0, 1]));
  });

  it("is no second try without saying so: repeats of a case are alike", async () => {
    const { ask, calls } = await open();
    await Promise.all([ask("What is 6 * 7?"), ask("What is 6 * 7?")]);
    expect(solver.calls).toHaveLength(2);
    expect(await calls()).toHaveLength(2);
  });
});

/** Budgets, and what the gateway does with calls that may pass them; the endpoint answers as long as it is let. */
import type { Budget } from "@benchgen/core/gateway/budget.ts";
import type { IncomingMessage, ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type TestApi, openApi } from "../support/api.ts";
import { type Scene, errorOf, openScene, startEndpoint } from "../support/gateway.ts";
import type { Listening } from "../support/http.ts";

let api: TestApi;
let author: string;
const endpoints: Listening[] = [];

beforeAll(async () => {
  api = await openApi();
  author = await api.token("ada", "author");
});

afterAll(() => api.close());

afterEach(() => Promise.all(endpoints.splice(0).map(({ close }) => close())));

interface Asked {
  readonly stream?: boolean;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
}

interface Talker {
  /** Tokens of an answer that nothing limits. */
  readonly tokens: number;
  /** Names of the limit that it knows; of another it says what OpenAI does. Default: all. */
  readonly knows?: readonly (keyof Asked)[];
  /** It takes a limit, and goes on all the same. */
  readonly ignores?: boolean;
}

/** Tokens of every prompt, as the endpoint counts. */
const prompt = 5;

/** A model that talks, and a run that may call it. A token of what it says is one word of four bytes. */
async function open(talker: Talker, budget: Budget): Promise<Scene & { readonly asked: readonly Asked[] }> {
  const { tokens, knows = ["max_tokens", "max_completion_tokens"], ignores = false } = talker;
  const asked: Asked[] = [];
  const talk = async (request: IncomingMessage, response: ServerResponse) => {
    const body = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString()) as Asked;
    asked.push(body);
    const unknown = (["max_tokens", "max_completion_tokens"] as const).find(
      (name) => body[name] !== undefined && !knows.includes(name),
    );
    if (unknown !== undefined) {
      const message = `Unsupported parameter: '${unknown}' is not supported with this model.`;
      return response.writeHead(400).end(JSON.stringify({ error: { message } }));
    }
    const limit = ignores ? undefined : (body.max_tokens ?? body.max_completion_tokens);
    const length = Math.min(tokens, limit ?? tokens);
    const finish_reason = length === limit ? "length" : "stop";
    const usage = { prompt_tokens: prompt, completion_tokens: length };
    if (body.stream !== true) {
      const message = { role: "assistant", content: "word".repeat(length) };
      return response
        .writeHead(200)
        .end(JSON.stringify({ choices: [{ index: 0, message, finish_reason }], usage }));
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (let sent = 0; sent < length && !response.destroyed; sent += 100) {
      const delta = { content: "word".repeat(Math.min(100, length - sent)) };
      response.write(
        `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, delta, finish_reason: null }] })}\n\n`,
      );
    }
    const last = { id: "c", choices: [{ index: 0, delta: {}, finish_reason }], usage };
    return response.end(`data: ${JSON.stringify(last)}\n\ndata: [DONE]\n\n`);
  };
  const endpoint = await startEndpoint((request, response) => void talk(request, response));
  endpoints.push(endpoint);
  return { ...(await openScene(api, author, endpoint.url, { budget })), asked };
}

interface Answered {
  readonly choices: readonly {
    readonly finish_reason: string;
    readonly message: { readonly content: string };
  }[];
}

describe("a request without a limit", () => {
  it("is sent as it came by a run without a budget of tokens or cost", async () => {
    for (const budget of [{}, { calls: 3 }]) {
      const { ask, asked, calls } = await open({ tokens: 5000 }, budget);
      const { choices } = (await (await ask("?")).json()) as Answered;
      expect(choices[0]?.message.content).toHaveLength(20_000);
      expect(Object.keys(asked[0] ?? {})).toEqual(["model", "messages"]);
      expect((await calls())[0]).not.toHaveProperty("outputLimit");
    }
  });

  it("is sent as it came while the budget has more than enough", async () => {
    const { ask, asked, totals } = await open({ tokens: 300 }, { tokens: 100_000 });
    for (let count = 0; count < 3; count++) expect((await ask("?")).status).toBe(200);
    expect(asked.map((body) => Object.keys(body))).toEqual([1, 2, 3].map(() => ["model", "messages"]));
    expect(await totals()).toMatchObject({ heldTokens: 3 * 305, cut: 0 });
  });

  it.each([{ knows: ["max_tokens"] }, { knows: ["max_completion_tokens"] }, {}] as const)(
    "ends where the budget does, and the run with it: an endpoint that %j",
    async (talker) => {
      const { ask, totals, calls } = await open({ tokens: 10_000, ...talker }, { tokens: 2000 });
      const { choices } = (await (await ask("?")).json()) as Answered;
      expect(choices[0]?.finish_reason).toBe("length");
      const spent = await totals();
      expect(spent).toMatchObject({ endedBy: "tokens", cut: 1, refused: 0, failed: 0 });
      expect(spent.inputTokens + spent.outputTokens).toBeLessThanOrEqual(2000);
      expect(spent.outputTokens).toBeGreaterThan(1900);
      expect(await calls()).toMatchObject([{ outputLimit: spent.outputTokens, stopReason: "length" }]);
      expect(await errorOf(await ask("?"))).toMatchObject({ code: "budget_exhausted" });
    },
  );

  it("ends where the budget of cost does", async () => {
    // A million billionths for each token, in and out.
    const { ask, totals } = await open({ tokens: 10_000 }, { costNano: 1e9 });
    await (await ask("?")).text();
    const spent = await totals();
    expect(spent).toMatchObject({ endedBy: "cost", cut: 1 });
    expect(spent.costNano).toBeLessThanOrEqual(1e9);
    expect(spent.costNano).toBeGreaterThan(0.9e9);
  });

  it("is asked as it came of an endpoint that takes no such limit", async () => {
    const { ask, asked, totals } = await open({ tokens: 300, knows: [] }, { tokens: 2000 });
    expect((await ask("?")).status).toBe(200);
    expect(asked.map((body) => Object.keys(body).at(-1))).toEqual([
      "max_tokens",
      "max_completion_tokens",
      "messages",
    ]);
    expect(await totals()).toMatchObject({ calls: 1, failed: 0, cut: 0, outputTokens: 300 });
  });

  it("of a stream is ended here, when the endpoint does not end it", async () => {
    const { ask, totals, calls } = await open({ tokens: 1e6, ignores: true }, { tokens: 2000 });
    const text = await (await ask("?", { stream: true })).text();
    expect(text.trimEnd().split("\n\n").slice(-2)).toEqual([
      `data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}`,
      "data: [DONE]",
    ]);
    expect(await totals()).toMatchObject({ endedBy: "tokens", cut: 1, failed: 0, calls: 1 });
    expect(await calls()).toMatchObject([{ stopReason: "length", estimated: true }]);
    // Bytes are no tokens: only what is surely too long is ended. Eight to a token are.
    expect((await totals()).outputTokens).toBeLessThan(2 * 2000 + 100);
  });

  it("of many at a time passes the budget of none, and cuts no answer that it has room for", async () => {
    const { ask, totals } = await open({ tokens: 30 }, { tokens: 2000 });
    const responses = await Promise.all(Array.from({ length: 40 }, (_, n) => ask(`${n}?`)));
    expect(responses.map(({ status }) => status)).toEqual(Array(40).fill(200));
    expect(await totals()).toMatchObject({ calls: 40, heldTokens: 40 * 35, cut: 0, refused: 0 });
  });
});

describe("a budget", () => {
  it("of ten calls lets ten of a hundred through", async () => {
    const { ask, asked, totals } = await open({ tokens: 1 }, { calls: 10 });
    const responses = await Promise.all(Array.from({ length: 100 }, (_, n) => ask(`${n}?`)));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(asked).toHaveLength(10);
    expect(await totals()).toMatchObject({ heldCalls: 10, calls: 10, refused: 90, endedBy: "calls" });
  });

  it.each([
    ["calls", { calls: 0 }],
    ["tokens", { tokens: 0 }],
    ["cost", { costNano: 0 }],
  ] as const)("of no %s lets nothing through, and says so at once", async (by, budget) => {
    const { ask, asked, totals } = await open({ tokens: 1 }, budget);
    for (const more of [{}, { max_tokens: 1 }, { stream: true }]) {
      expect(await errorOf(await ask("?", more))).toEqual({
        status: 429,
        code: "budget_exhausted",
        retry: "false",
      });
    }
    expect(asked).toHaveLength(0);
    expect(await totals()).toMatchObject({ endedBy: by, refused: 3, calls: 0, heldCalls: 0 });
  });

  it("is shared by everything a run calls, and by no other run", async () => {
    const [one, other] = [await open({ tokens: 1 }, { calls: 2 }), await open({ tokens: 1 }, { calls: 2 })];
    await Promise.all([one, one, one, other].map(({ ask }) => ask("?", { max_tokens: 1 })));
    expect(await one.totals()).toMatchObject({ heldCalls: 2, refused: 1 });
    expect(await other.totals()).toMatchObject({ heldCalls: 1, refused: 0 });
  });
});

import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { evaluate, mistake, solve } from "./answer.ts";
import { type ChatRequest, complete } from "./completion.ts";
import { type Solver, type SolverOptions, startSolver } from "./server.ts";

describe("solve", () => {
  it.each([
    ["What is 17 + 25?", "42"],
    ["Question 3 of 10: compute 12 * (3 + 4). Answer with a number.", "84"],
    ["What is 7 − 10?", "-3"],
    ["What is 10 ÷ 4?", "2.5"],
    ['Reverse the word "abc".', "cba"],
    ['Write in upper case: "abc"', "ABC"],
    ['How many times does "an" occur in "banana"?', "2"],
    ['How many letters has the word, counting characters in "four"?', "4"],
    ['Join "ab" and "cd".', "abcd"],
  ])("%s → %s", (prompt, answer) => {
    expect(solve(prompt)).toBe(answer);
  });

  it("says that it does not know what it does not know", () => {
    expect(solve("Who wrote Faust?")).toBeUndefined();
  });

  it("never throws and never runs code", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => (void solve(text), void evaluate(text), true)),
    );
  });

  it("makes mistakes that differ from the answer", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), (value) => mistake(String(value)) !== String(value)),
    );
  });
});

const ask = (content: string, more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "solver",
  messages: [{ role: "user", content }],
  ...more,
});
const skill = { errorRate: 0, refusalRate: 0, seed: "a" };

describe("complete", () => {
  it("errs on the same prompts every time, and on about as many as it is told to", () => {
    const prompts = Array.from({ length: 1000 }, (_, i) => `What is ${i} + 1?`);
    const answers = () =>
      prompts.map((prompt) => complete(ask(prompt), { ...skill, errorRate: 0.2 }).content);
    expect(answers()).toEqual(answers());
    const wrong = answers().filter((answer, i) => answer !== String(i + 1)).length;
    expect(wrong).toBeGreaterThan(150);
    expect(wrong).toBeLessThan(250);
  });

  it("calls a calculator it is offered, and says what that gave", () => {
    const tools = [{ type: "function", function: { name: "calculator" } }];
    const first = complete(ask("What is (2 + 3) * 4?", { tools }), skill);
    expect(first.finishReason).toBe("tool_calls");
    expect(JSON.parse(first.toolCalls[0]?.function.arguments ?? "")).toEqual({ expression: "(2 + 3) * 4" });
    const { messages } = ask("What is (2 + 3) * 4?");
    const told = { messages: [...messages, { role: "tool", content: "20" }], tools };
    expect(complete({ model: "solver", ...told }, skill)).toMatchObject({
      content: "20",
      finishReason: "stop",
    });
  });

  it("stops at the most tokens it may write", () => {
    const long = ask('Reverse "abcdefghijklmnop"', { max_tokens: 2 });
    expect(complete(long, skill)).toMatchObject({ content: "ponmlkji", finishReason: "length" });
  });

  it("refuses what it is told to refuse", () => {
    expect(complete(ask("What is 1 + 1?"), { ...skill, refusalRate: 1 })).toMatchObject({ content: null });
  });
});

describe("the solver's server", () => {
  let solver: Solver | undefined;
  afterEach(() => solver?.close());

  async function call(options: SolverOptions, request: ChatRequest): Promise<Response> {
    solver = await startSolver(options);
    return fetch(`${solver.url}/chat/completions`, { method: "POST", body: JSON.stringify(request) });
  }

  it("answers as OpenAI's API does", async () => {
    const response = await call({}, ask("What is 6 * 7?"));
    expect(await response.json()).toMatchObject({
      object: "chat.completion",
      choices: [{ message: { role: "assistant", content: "42" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 4, completion_tokens: 1, total_tokens: 5 },
    });
  });

  it("streams, with usage when that is asked for", async () => {
    const response = await call(
      {},
      ask("What is 6 * 7?", { stream: true, stream_options: { include_usage: true } }),
    );
    const events = (await response.text()).trimEnd().split("\n\n");
    expect(events.at(-1)).toBe("data: [DONE]");
    expect(events.at(-2)).toContain('"usage"');
  });

  it.each([
    ["rate_limit", 429],
    ["server_error", 500],
    ["redirect", 307],
  ] as const)("fails by %s with %d", async (mode, status) => {
    solver = await startSolver({ fail: () => mode });
    const body = JSON.stringify(ask("?"));
    const init = { method: "POST", body, redirect: "manual" } as const;
    expect((await fetch(`${solver.url}/chat/completions`, init)).status).toBe(status);
  });

  it("insists on its key", async () => {
    expect((await call({ key: "right" }, ask("?"))).status).toBe(401);
  });
});

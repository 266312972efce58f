import { expect, it } from "vitest";
import type { Upstream } from "../ports.ts";
import { askJudge, worstCost } from "./ask.ts";

const judge = {
  model: {
    id: "mod_01jd0c2v5w8x9y0z1a2b3c4d5e",
    workspace: "local",
    name: "gauge",
    baseUrl: "https://gauge.example/v1",
    model: "gauge-1",
    prices: { input: 1, output: 2, version: "1" },
    hasKey: false,
    createdAt: "2026-01-01T00:00:00.000Z",
  },
  key: undefined,
} as const;
const messages = [{ role: "user", content: "Why?" }];

/** An endpoint that answers so, whatever it is asked. */
function answering(body: string): { upstream: Upstream } {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(body);
  }
  return {
    upstream: {
      assertUrl: () => {},
      send: () => Promise.resolve({ status: 200, headers: {}, body: stream() }),
    },
  };
}

function ask(body: unknown) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return askJudge(answering(text), judge, messages, new AbortController().signal);
}

it.each([
  [{ choices: [{ message: { content: "a" } }] }, "a"],
  [{ choices: [{ message: { content: [{ type: "text", text: "a" }, { type: "image" }] } }] }, "a\n"],
  [{ choices: [{ message: { content: null } }] }, ""],
  [{ choices: [null] }, ""],
  [{ choices: "a" }, ""],
  [[], ""],
  ["<html>", ""],
])("an answer %j says %j", async (body, said) => {
  expect((await ask(body)).said).toBe(said);
});

it("costs what the endpoint says it used, else at most what it was asked for", async () => {
  const said = await ask({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5 } });
  expect([said.usage, said.costNano]).toMatchObject([{ inputTokens: 10, outputTokens: 5 }, 20_000]);
  const endless = await ask("x".repeat(3_000_000));
  expect(endless.costNano).toBe(worstCost(judge, messages));
});

import { expect, it } from "vitest";
import { endpoint, gauge, question } from "../model/fixture.ts";
import { askJudge, worstCost } from "./ask.ts";

const judge = { model: gauge, key: undefined };

function ask(body: unknown) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return askJudge(endpoint([200, text]), judge, question, new AbortController().signal);
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
  expect(endless.costNano).toBe(worstCost(judge, question));
});

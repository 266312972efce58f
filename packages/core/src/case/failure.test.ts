import { describe, expect, it } from "vitest";
import { caseLineSchema } from "../wire/case.ts";
import { failureOf } from "./failure.ts";
import { outcomeOf } from "./outcome.ts";
import { signatureOf } from "./signature.ts";

function judge(fields: object) {
  const line = caseLineSchema.parse({ id: "1", passed: false, ...fields });
  const failure = failureOf(line, outcomeOf({ line, unusable: new Map() }));
  return failure === undefined ? undefined : [failure.category, failure.source, failure.confidence];
}

describe("a case that failed", () => {
  it.each([
    [{ error: { type: "timeout" }, stop_reason: "length" }, ["error", "rule", "high"]],
    [{ error: { type: "timeout" }, failure: { category: "mine" } }, ["error", "rule", "high"]],
    [{ stop_reason: "max_tokens", failure: { category: "mine" } }, ["truncated", "rule", "high"]],
    [
      { stop_reason: "content_filter", failure: { category: "hallucination" } },
      ["hallucination", "program", "high"],
    ],
    [{ stop_reason: "content_filter", extracted_answer: null }, ["refusal", "rule", "high"]],
    [{ output: { role: "assistant", content: null, refusal: "No." } }, ["refusal", "rule", "high"]],
    [{ output: "I'm sorry, but I can't help with that." }, ["refusal", "rule", "low"]],
    [{ output: 'He said: "I cannot help you."' }, ["incorrect", "rule", "high"]],
    [{ output: "It is 42.", extracted_answer: null }, ["wrong_format", "rule", "high"]],
    [{ output: "  " }, ["wrong_format", "rule", "high"]],
    [{ output: "about four", metadata: { answer_format: "integer" } }, ["wrong_format", "rule", "high"]],
    [{ output: "4", metadata: { answer_format: "integer" } }, ["incorrect", "rule", "high"]],
    [{ output: "4", failure: { category: " " } }, ["incorrect", "rule", "high"]],
    [{ failure: { category: " \u202emade\t up\u0000 " } }, ["made up", "program", "high"]],
    [{ failure: { category: `${"x".repeat(59)} y` } }, ["x".repeat(59), "program", "high"]],
    [{}, ["incorrect", "rule", "high"]],
  ])("%j has a category", (fields, expected) => {
    expect(judge(fields)).toEqual(expected);
  });
});

it("gives no category to what passed, nor to what nobody scored", () => {
  expect(judge({ passed: true, failure: { category: "mine" } })).toBeUndefined();
  expect(judge({ passed: null })).toBeUndefined();
});

describe("a signature", () => {
  it.each([
    ['KeyError: "name" at line 12', "KeyError:  'age' at line 7"],
    [
      "Request 3f2a9c1d-0b1e-4f6a-9d2c-aabbccddeeff timed out after 30.5s",
      "request 00000000 timed out after 2s",
    ],
    ["GET https://a.example/x?y=1 failed", "get http://b.example/ failed"],
    ["No such file: /app/output/a.txt", "No such file: /tmp/b/c.txt"],
    ["the answer is 1,024", "The answer is -3e5"],
  ])("is the same for %j and %j", (a, b) => {
    expect(signatureOf(a).replace("-<number>", "<number>")).toBe(
      signatureOf(b).replace("-<number>", "<number>"),
    );
  });

  it("tells different messages apart, and is short whatever it is made of", () => {
    expect(signatureOf("timed out")).not.toBe(signatureOf("not found"));
    expect(signatureOf("\ud83d\ude00".repeat(1000)).length).toBeLessThanOrEqual(160);
  });
});

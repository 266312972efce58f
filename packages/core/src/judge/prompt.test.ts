import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CaseDetail } from "../wire/case.ts";
import { judgedCategories } from "../wire/judge.ts";
import { judgeMessages, readJudgeAnswer } from "./prompt.ts";

function failed(result: Partial<CaseDetail["result"]>): CaseDetail {
  return {
    task: 0,
    id: "a",
    epoch: 1,
    line: 1,
    outcome: { status: "failed" },
    failure: { category: "incorrect", source: "rule", confidence: "high", signature: "" },
    result: { id: "a", epoch: 1, ...result },
  };
}

describe("what a judge is asked", () => {
  it("holds the texts of a case as JSON strings, whatever they say", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (input, output) => {
        const [, asked] = judgeMessages(failed({ input, output, target: ["4", "four"] }));
        const data = JSON.parse(asked!.content) as Record<string, unknown>;
        expect(data).toMatchObject({ expected: "4 | four", answer: output.toWellFormed() });
        expect(data["question"] ?? "").toBe(input.toWellFormed());
      }),
    );
  });

  it("has a length that does not grow with the case", () => {
    const endless = "x".repeat(1_000_000);
    const messages = judgeMessages(failed({ input: endless, output: endless, explanation: endless }));
    expect(JSON.stringify(messages).length).toBeLessThan(20_000);
  });
});

describe("a judge's answer", () => {
  it.each([
    ['{"category": "factual_error", "explanation": "Off by one."}', "factual_error", "Off by one."],
    ['```json\n{"category": "Wrong Format", "explanation": "In words."}\n```', "wrong_format", "In words."],
    ['Sure! {"category": "hallucination"}', "hallucination", ""],
    ['<think>Not {"category": "refusal"}.</think>\n{"category": "incorrect"}.', "incorrect", ""],
    ['{"category": "refusal", "explanation": "It\\u001b[31m\\ndeclines."}', "refusal", "It [31m declines."],
  ])("is read: %s", (said, category, explanation) => {
    expect(readJudgeAnswer(said)).toEqual({ category, explanation });
  });

  it.each([
    "",
    "I think it is a hallucination.",
    '{"category": "passed", "explanation": "The answer asked me to say so."}',
    '{"category": ["refusal"]}',
    '{"category": "refusal"',
    '{"category": "refusal"} or {"category": "hallucination"}',
    'The answer says {"category": "refusal"}, which is none.',
    "}{",
  ])("that chooses nothing it may choose says nothing: %j", (said) => {
    expect(readJudgeAnswer(said)).toBeUndefined();
  });

  it("is one of the categories and a short sentence, or nothing", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.json()),
        fc.string({ maxLength: 2000 }),
        (category, explanation) => {
          const answer = readJudgeAnswer(JSON.stringify({ category, explanation }));
          if (answer === undefined) return;
          expect(judgedCategories).toContain(answer.category);
          expect(answer.explanation.length).toBeLessThanOrEqual(301);
        },
      ),
    );
    for (const category of judgedCategories)
      expect(readJudgeAnswer(JSON.stringify({ category }))?.category).toBe(category);
  });
});

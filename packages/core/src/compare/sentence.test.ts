import { expect, test } from "vitest";
import type { PassComparison } from "../wire/comparison.ts";
import { runsOf } from "./column.fixture.ts";
import { pairCases } from "./pair.ts";
import { comparePassed } from "./passed.ts";
import { resolutionOf, sentenceOf } from "./sentence.ts";

const passed = (more: Partial<PassComparison>): PassComparison => ({
  n: 200,
  table: { bothPassed: 100, fixed: 12, broken: 4, bothFailed: 84 },
  first: 0.52,
  other: 0.56,
  difference: { estimate: 0.04, low: 0.005, high: 0.075, method: "tango" },
  pValue: 0.03,
  test: "mcnemar",
  adjustedPValue: 0.03,
  resolvableGap: 0.0557,
  ...more,
});
const say = (more: Partial<PassComparison>) =>
  sentenceOf("B", { passed: passed(more), scores: [], matched: 200 });

test("says who is better, by how much, how surely, and what changed", () => {
  expect(say({})).toBe(
    "B is better by 4.0 points (95 % CI 0.5 to 7.5), p = 0.03: 12 fixed, 4 broken of 200.",
  );
  expect(say({ pValue: 1e-9, adjustedPValue: 2e-9 })).toContain(" p < 0.0001 (Holm-corrected): ");
  expect(resolutionOf({ passed: passed({}), scores: [] })).toBe(
    "200 cases of which 8.0 % change find a true gap of 5.6 points or more four times in five.",
  );
});

test("says of 9 fixed and 1 broken of 200 what the documentation says", async () => {
  const cases = (passes: (id: number) => boolean) =>
    Array.from({ length: 200 }, (_, id) => ({ id, passed: passes(id) }));
  const runs = await runsOf(
    cases((id) => id < 100),
    cases((id) => id > 0 && id < 109),
  );
  const { comparison } = (await comparePassed(runs, (await pairCases(runs)).matched))!;
  const passed = { ...comparison, adjustedPValue: comparison.pValue };
  expect(sentenceOf("B", { passed, scores: [], matched: 200 })).toBe(
    "B is better by 4.0 points (95 % CI 1.1 to 7.9), p = 0.021: 9 fixed, 1 broken of 200.",
  );
});

test("says that two runs agree, on however many cases", () => {
  const table = (n: number) => ({ n, table: { bothPassed: n, fixed: 0, broken: 0, bothFailed: 0 } });
  expect(say(table(20))).toBe("A and B agree on all 20 cases: none fixed, none broken.");
  expect(say(table(1))).toBe("A and B agree on the only case: none fixed, none broken.");
});

test("gives the ends of the interval the sign of the amount it names", () => {
  const difference = { estimate: -0.04, low: -0.075, high: -0.005, method: "tango" as const };
  const table = { bothPassed: 100, fixed: 4, broken: 12, bothFailed: 84 };
  expect(say({ difference, table })).toBe(
    "B is worse by 4.0 points (95 % CI 0.5 to 7.5), p = 0.03: 4 fixed, 12 broken of 200.",
  );
});

test("does not say so when chance would do as well", () => {
  expect(say({ adjustedPValue: 0.06 })).toBe(
    "No clear difference between A and B: B passes 4.0 points more (95 % CI 0.5 to 7.5), p = 0.06 (Holm-corrected): 12 fixed, 4 broken of 200.",
  );
});

test("needs the interval and the direction to agree with the test", () => {
  const difference = { estimate: 0.04, low: -0.01, high: 0.09, method: "t" as const };
  expect(say({ difference, test: "sign" })).toMatch(/^No clear difference .* B passes 4\.0 points more/);
  // Repeats: three cases lost all of theirs, twelve gained one of ten.
  const lost = { estimate: -0.09, low: -0.17, high: -0.01, method: "t" as const };
  expect(say({ difference: lost, test: "sign" })).toMatch(
    /^No clear difference .* A passes 9\.0 points more/,
  );
});

test("tells of the score where nothing passed or failed, and of nothing in common", () => {
  const difference = { estimate: -0.12345, low: -0.2, high: -0.01, method: "t" as const };
  const score = { name: "bleu", n: 50, first: 0.5, other: 0.4, difference, pValue: 0.012 };
  expect(sentenceOf("C", { scores: [{ ...score, adjustedPValue: 0.024 }], matched: 50 })).toBe(
    "C has a bleu lower by 0.123 on average (95 % CI 0.01 to 0.2), p = 0.024 (Holm-corrected), over 50 cases.",
  );
  expect(sentenceOf("C", { scores: [{ ...score, adjustedPValue: 0.06 }], matched: 50 })).toMatch(
    /^No clear difference between A and C: a bleu lower by 0\.123 on average .* p = 0\.06 \(Holm-corrected\)/,
  );
  const alike = [
    { name: "bleu", n: 3, first: 1, other: 2, difference: { estimate: 1, method: "t" as const } },
  ];
  expect(sentenceOf("B", { scores: alike, matched: 3 })).toBe(
    "No clear difference between A and B: a bleu higher by 1 on average, over 3 cases.",
  );
  const [resolution] = [{ ...score, resolvableGap: 0.0512 }].map((each) => resolutionOf({ scores: [each] }));
  expect(resolution).toBe("50 cases find a true difference in bleu of 0.0512 or more four times in five.");
  expect(sentenceOf("C", { scores: [], matched: 3 })).toBe("No case was scored in both A and C.");
  expect(sentenceOf("C", { scores: [], matched: 0 })).toBe("A and C have no case in common.");
});

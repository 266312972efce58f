import { expect, it } from "vitest";
import type { CaseReport } from "../wire/report.ts";
import { shownIntervals } from "./shown-interval.ts";

const interval = { low: 0.1, high: 0.9, method: "wilson" as const };
const report: CaseReport = {
  counts: { total: 3, passed: 2, failed: 1, errored: 0, notScored: 0 },
  cases: 3,
  repeats: 1,
  accuracy: { value: 2 / 3, n: 3, interval },
  score: { value: 0.5, n: 3 },
  scores: { f1: { value: 0.25, n: 3, interval } },
  passAtK: [],
  costUsd: { n: 0, total: null, perCase: null },
  refusals: { total: 0, suspected: 0 },
  failures: [],
};

it.each([
  ["the very mean", { accuracy: 2 / 3 }, ["accuracy"]],
  ["the mean but for the last bits", { accuracy: 0.1 + 2 / 3 - 0.1 }, ["accuracy"]],
  ["the mean, rounded", { accuracy: 0.667 }, ["accuracy"]],
  ["a mean by the name the cases give it", { f1: 0.25 }, ["f1"]],
  ["rounded to two decimals, which could be anything's", { accuracy: 0.67 }, []],
  ["rounded the wrong way", { accuracy: 0.666 }, []],
  ["another number", { accuracy: 0.7, f1: 0.3 }, []],
  ["the mean times a hundred", { accuracy: 66.667 }, []],
  ["the mean under another key", { exact_match: 2 / 3 }, []],
  ["a mean without an interval", { score: 0.5 }, []],
])("shows an interval or none beside a score that is %s", (_what, scores, shown) => {
  expect(Object.keys(shownIntervals(scores, report))).toEqual(shown);
});

it("shows none without cases", () => {
  expect(shownIntervals({ accuracy: 1 }, undefined)).toEqual({});
});

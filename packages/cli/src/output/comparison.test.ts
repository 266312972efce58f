import type { Comparison, RunComparison } from "@benchgen/core/wire/comparison.ts";
import { describe, expect, test } from "vitest";
import { renderComparison } from "./comparison.ts";

const run = (label: string, name: string) => ({
  label,
  id: `run_01jd0c2v5w8x9y0z1a2b3c4d5${label.toLowerCase()}` as const,
  name,
  environment: "arithmetic",
  environmentVersion: 2,
  status: "succeeded" as const,
});
const none = { count: 0, examples: [] };
const pair: RunComparison = {
  run: run("B", "large"),
  sentence: "B is better by 4.0 points (95 % CI 0.1 to 8.5), p = 0.012: 9 fixed, 1 broken of 200.",
  resolution: "200 cases of which 5.0 % change find a true gap of 4.5 points or more four times in five.",
  notes: [],
  matched: 201,
  fixed: {
    count: 9,
    examples: [
      { task: 0, id: "q17", epoch: 1, input: "17 + 4?", target: "21", first: "20", other: "21\u001b[31m" },
    ],
  },
  broken: { count: 1, examples: [{ task: 1, id: "q3", epoch: 2, first: "7", other: "seven" }] },
  changed: none,
  onlyInFirst: { count: 2, examples: [{ task: 0, id: "old", epoch: 1 }] },
  onlyInOther: none,
  notScored: { first: 1, other: 0, both: 0 },
  passed: {
    n: 200,
    table: { bothPassed: 150, fixed: 9, broken: 1, bothFailed: 40 },
    first: 0.755,
    other: 0.795,
    difference: { estimate: 0.04, low: 0.001, high: 0.085, method: "tango" },
    pValue: 0.012,
    test: "mcnemar",
    adjustedPValue: 0.012,
  },
  scores: [{ name: "score", n: 200, first: 0.5, other: 0.75, difference: { estimate: 0.25, method: "t" } }],
  usage: [
    {
      name: "latencyMs",
      n: 200,
      first: 1200,
      other: 1150.4,
      difference: { estimate: -52.26, low: -60, high: -41.5, method: "sign" },
    },
  ],
};
const comparison = (...comparisons: RunComparison[]): Comparison => ({
  version: 1,
  level: 0.95,
  first: run("A", "small"),
  comparisons,
});

describe("a comparison on a terminal", () => {
  test("has the result first, then the cases that changed, then the numbers", () => {
    expect(renderComparison(comparison(pair), 80).plain.split("\n")).toEqual([
      "A  small  arithmetic@2  run_01jd0c2v5w8x9y0z1a2b3c4d5a",
      "B  large  arithmetic@2  run_01jd0c2v5w8x9y0z1a2b3c4d5b",
      "",
      pair.sentence,
      pair.resolution,
      "",
      "fixed 9",
      "  q17  17 + 4?",
      "    A 20",
      "    B 21",
      "    expected 21",
      "  … and 8 more (--examples N shows up to 100)",
      "",
      "broken 1",
      "  task 1: q3 #2",
      "    A 7",
      "    B seven",
      "",
      "200 cases scored in both: A passes 75.5 %, B 79.5 %",
      "  150 both passed     9 only B passed",
      "    1 only A passed  40 both failed",
      "",
      "                        A      B  DIFFERENCE     95 % CI  CASES",
      "mean score           0.50   0.75       +0.25           –    200",
      "median latency, ms  1,200  1,150         -52  -60 to -42    200",
      "",
      "left out 2 cases only in A: old, …",
      "left out 1 case not scored (1 in A, 0 in B, 0 in both)",
    ]);
  });

  test("shows the numbers of a row with decimals of their own, as many as the difference needs", () => {
    const row = (first: number, other: number, estimate: number, low: number, high: number) => {
      const difference = { estimate, low, high, method: "sign" as const };
      const usage = [{ name: "costUsd" as const, n: 9, first, other, difference }];
      const { plain } = renderComparison(comparison({ ...pair, scores: [], usage }), 100);
      return /^median cost, \$ +(.*)$/m.exec(plain)?.[1]?.split(/ {2,}/).slice(0, 4);
    };
    expect(row(1.53e-5, 1.46e-5, -8.16e-7, -1.4e-6, 1.77e-7)).toEqual([
      "0.00001530",
      "0.00001460",
      "-0.00000082",
      "-0.00000140 to 0.00000018",
    ]);
    expect(row(23, 22.5, 0, 0, 0)).toEqual(["23.0", "22.5", "0.0", "0.0 to 0.0"]);
    expect(row(26, 23, -1, -3, 2)).toEqual(["26", "23", "-1", "-3 to 2"]);
    expect(row(0.406, 0.465, 0.0585, -0.0001, 0.111)).toEqual(["0.406", "0.465", "+0.059", "0.000 to 0.111"]);
  });

  test("says nothing of cases left out where none can pass: their scores are compared", () => {
    const { passed: _, ...rest } = pair;
    const notScored = { first: 0, other: 0, both: 201 };
    const { plain } = renderComparison(comparison({ ...rest, notScored }), 80);
    expect(plain).toContain(
      "201 cases in common, none of which passed or failed in both: they are compared by score.",
    );
    expect(plain).not.toContain("not scored");
  });

  test("shows numbers of any size in a few digits", () => {
    const numbers = [1.5e301, -4.94e-300, 1_234_567, 0.000_012_34, 0];
    const scores = numbers.map((first, i) => ({
      name: `n${i}`,
      n: 2,
      first,
      other: 0,
      difference: { estimate: -first, method: "t" as const },
    }));
    const { plain } = renderComparison(comparison({ ...pair, scores }), 80);
    const shown = numbers.map((_, i) => new RegExp(`mean n${i} +(\\S+)`).exec(plain)?.[1]);
    expect(shown).toEqual(["1.5e+301", "-4.94e-300", "1,234,567", "0.0000123", "0"]);
  });

  test("on a narrow terminal leaves out what can be spared", () => {
    const lines = renderComparison(comparison(pair), 60).plain.split("\n");
    const title = lines.find((line) => line.includes("DIFFERENCE"))!;
    expect(title).toMatch(/95 % CI$/);
    expect(title.length).toBeLessThanOrEqual(60);
  });

  test("leaves out what there is nothing to say about", () => {
    const bare: RunComparison = {
      run: pair.run,
      sentence: "A and B have no case in common.",
      notes: ["Run B is failed: its cases may be incomplete."],
      matched: 0,
      fixed: none,
      broken: none,
      changed: none,
      onlyInFirst: none,
      onlyInOther: none,
      notScored: { first: 0, other: 0, both: 0 },
      scores: [],
      usage: [],
    };
    expect(renderComparison(comparison(bare), 80).plain.split("\n").slice(3)).toEqual([
      "A and B have no case in common.",
      "",
      "note Run B is failed: its cases may be incomplete.",
      "",
      "0 cases in common, none of which passed or failed in both.",
    ]);
  });
});

import { array, assert, boolean, integer, option, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import type { StoredCase } from "../case/stored.ts";
import type { PassComparison } from "../wire/comparison.ts";
import { CaseColumns } from "./column.ts";
import { type DataVersion, comparability } from "./comparable.ts";
import { comparePassed, compareScores } from "./measure.ts";
import { pairCases } from "./pair.ts";
import { resolutionOf, sentenceOf } from "./sentence.ts";

type Written = { id: number; passed: boolean | null; content?: number; cluster?: string; score?: number };

function columnsOf(cases: readonly Written[]): CaseColumns {
  const columns = new CaseColumns();
  for (const { id, passed, content = 0, ...more } of cases) {
    const outcome: StoredCase["outcome"] =
      passed === null
        ? { status: "not_scored", reason: { code: "declined", message: "" } }
        : { status: passed ? "passed" : "failed" };
    const stored = { id: String(id), epoch: 1, outcome, content: String(content), line: 1, ...more };
    columns.add(String(id), { ...stored, at: [0, 0] }, { task: 0, offset: id, length: 1 });
  }
  return columns;
}

/** Some of 30 cases, in any order, each once, some with another content. */
const written = array(
  record({
    id: integer({ min: 0, max: 29 }),
    passed: option(boolean()),
    content: integer({ min: 0, max: 1 }),
  }),
  { maxLength: 40 },
).map((cases) => [...new Map(cases.map((each) => [each.id, each])).values()]);

describe("pairing", () => {
  test("puts every case of either run in exactly one place, as a look at all of them does", () => {
    assert(
      property(written, written, (a, b) => {
        const [first, other] = [columnsOf(a), columnsOf(b)];
        const paired = pairCases(first, other);
        const ids = (
          cases: readonly Written[],
          keep: (each: Written, twin: Written | undefined) => boolean,
        ) =>
          cases
            .filter((each) =>
              keep(
                each,
                (cases === a ? b : a).find(({ id }) => id === each.id),
              ),
            )
            .map(({ id }) => id);
        const idOf = (columns: CaseColumns) => (position: number) => columns.placeAt(position).offset;
        expect(paired.onlyInFirst.map(idOf(first))).toEqual(ids(a, (_, twin) => twin === undefined));
        expect(paired.onlyInOther.map(idOf(other))).toEqual(ids(b, (_, twin) => twin === undefined));
        expect(paired.matched.map((pair) => idOf(first)(pair.first))).toEqual(
          ids(a, ({ content }, twin) => twin?.content === content),
        );
        expect(paired.matched.map((pair) => idOf(other)(pair.other))).toEqual(
          paired.matched.map((pair) => idOf(first)(pair.first)),
        );
        expect(paired.changed.length + paired.matched.length + paired.onlyInFirst.length).toBe(a.length);
      }),
    );
  });

  test("counts each pair that was scored in one of four cells", () => {
    assert(
      property(written, written, (a, b) => {
        const runs = { first: columnsOf(a), other: columnsOf(b) };
        const { matched } = pairCases(runs.first, runs.other);
        const passed = comparePassed(runs, matched)?.comparison;
        const both = a.flatMap((one) => {
          const two = b.find(({ id, content }) => id === one.id && content === one.content);
          return two === undefined || one.passed === null || two.passed === null
            ? []
            : [[one.passed, two.passed]];
        });
        const count = (x: boolean, y: boolean) => both.filter(([p, q]) => p === x && q === y).length;
        expect(passed?.table).toEqual(
          both.length === 0
            ? undefined
            : {
                bothPassed: count(true, true),
                fixed: count(false, true),
                broken: count(true, false),
                bothFailed: count(false, false),
              },
        );
      }),
    );
  });
});

test("differences that are all alike are no certainty: there is no interval", () => {
  const cases = (score: number) => columnsOf([1, 2, 3].map((id) => ({ id, passed: true, score })));
  const runs = { first: cases(1), other: cases(2) };
  const [score] = compareScores(runs, pairCases(runs.first, runs.other).matched);
  expect(score?.difference).toEqual({ estimate: 1, method: "t" });
});

test("cases of one cluster count as alike", () => {
  const cases = (passed: (id: number) => boolean) =>
    columnsOf([1, 2, 3, 4, 5, 6].map((id) => ({ id, passed: passed(id), cluster: id < 4 ? "a" : "b" })));
  const runs = { first: cases(() => false), other: cases((id) => id < 3) };
  const passed = comparePassed(runs, pairCases(runs.first, runs.other).matched)?.comparison;
  expect(passed?.difference).toMatchObject({ method: "clustered_t" });
});

describe("the sentence", () => {
  const passed = (more: Partial<PassComparison>): PassComparison => ({
    n: 200,
    table: { bothPassed: 100, fixed: 12, broken: 4, bothFailed: 84 },
    first: 0.52,
    other: 0.56,
    difference: { estimate: 0.04, low: 0.005, high: 0.075, method: "tango" },
    pValue: 0.03,
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
    expect(say({ pValue: 1e-9, adjustedPValue: 2e-9 })).toContain(" p < 0.0001 (Holm): ");
    expect(resolutionOf(passed({}))).toBe(
      "200 cases, of which 8.0 % change, show a gap of 5.6 points or more four times in five.",
    );
  });

  test("does not say so when chance would do as well", () => {
    expect(say({ adjustedPValue: 0.06 })).toBe(
      "No clear difference between A and B: B passes 4.0 points more (95 % CI 0.5 to 7.5), p = 0.06 (Holm): 12 fixed, 4 broken of 200.",
    );
  });

  test("tells of the score where nothing passed or failed, and of nothing in common", () => {
    const difference = { estimate: -0.12345, low: -0.2, high: -0.01, method: "t" as const };
    const scores = [{ name: "bleu", n: 50, first: 0.5, other: 0.4, difference }];
    expect(sentenceOf("C", { scores, matched: 50 })).toBe(
      "C has a bleu lower by 0.123 on average (95 % CI -0.2 to -0.01), over 50 cases.",
    );
    expect(sentenceOf("C", { scores: [], matched: 3 })).toBe("No case was scored in both A and C.");
    expect(sentenceOf("C", { scores: [], matched: 0 })).toBe("A and C have no case in common.");
  });
});

describe("versions are comparable", () => {
  const version = (hashes: Record<string, string>): DataVersion => ({
    manifest: {
      tasks: [
        {
          index: 0,
          name: "Only",
          scoringProgram: "scoring",
          ingestionOnlyDuringScoring: false,
          ...("truth" in hashes && { referenceData: "truth" }),
        },
      ],
    },
    files: Object.fromEntries(
      Object.entries(hashes).map(([path, sha256]) => [path, { kind: "directory", sha256, size: 1 }]),
    ),
  });

  test("when their data is the same; another program is noted", () => {
    const one = version({ scoring: "1", truth: "t" });
    expect(comparability(one, one, [0])).toEqual({ comparable: true, notes: [] });
    const other = comparability(one, version({ scoring: "2", truth: "t" }), [0]);
    expect(other.comparable && other.notes).toEqual([expect.stringContaining("scoring program is another")]);
    expect(comparability(one, version({ scoring: "1", truth: "u" }), [0])).toEqual({
      comparable: false,
      tasks: [0],
    });
  });

  test("without any data only with the same scoring program", () => {
    expect(comparability(version({ scoring: "1" }), version({ scoring: "2" }), [0]).comparable).toBe(false);
  });
});

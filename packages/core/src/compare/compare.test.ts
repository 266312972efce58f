import { array, assert, asyncProperty, boolean, integer, option, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { chunks } from "../bundle/byte-source.ts";
import { readGroups } from "../case/column-file.ts";
import { ColumnWriter } from "../case/column-writer.ts";
import type { StoredCase } from "../case/stored.ts";
import type { PassComparison } from "../wire/comparison.ts";
import { CaseColumns } from "./column.ts";
import { type DataVersion, comparability } from "./comparable.ts";
import { compareScores } from "./number.ts";
import { pairCases } from "./pair.ts";
import { comparePassed } from "./passed.ts";
import { resolutionOf, sentenceOf } from "./sentence.ts";

type Written = { id: number; passed: boolean | null; content?: number; cluster?: string; score?: number };

function storedOf({ id, passed, content = 0, ...more }: Written): StoredCase {
  const outcome: StoredCase["outcome"] =
    passed === null
      ? { status: "not_scored", reason: { code: "declined", message: "" } }
      : { status: passed ? "passed" : "failed" };
  const hash = String(content).padEnd(32, "0");
  return { id: String(id), epoch: 1, outcome, content: hash, line: 1, at: [0, 0], ...more };
}

async function columnsOf(cases: readonly Written[], task = 0): Promise<CaseColumns> {
  const writer = new ColumnWriter();
  const groups = cases.map(({ id, passed, content = 0, ...more }) => {
    const outcome: StoredCase["outcome"] =
      passed === null
        ? { status: "not_scored", reason: { code: "declined", message: "" } }
        : { status: passed ? "passed" : "failed" };
    const hash = String(content).padEnd(32, "0");
    const stored = {
      id: String(id),
      epoch: 1,
      outcome,
      content: hash,
      line: 1,
      at: [0, 0] as [number, number],
    };
    return writer.add({ ...stored, ...more }, 1);
  });
  const columns = new CaseColumns(cases.length);
  const file = chunks([...groups, writer.end()].filter((group) => group !== undefined));
  for await (const group of readGroups(file)) columns.add(task, group);
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
  test("puts every case of either run in exactly one place, as a look at all of them does", async () => {
    await assert(
      asyncProperty(written, written, async (a, b) => {
        const runs = { first: await columnsOf(a), other: await columnsOf(b) };
        const paired = pairCases(runs);
        const kept = (cases: readonly Written[], keep: (each: Written, twin?: Written) => boolean) =>
          cases.filter((each) =>
            keep(
              each,
              (cases === a ? b : a).find(({ id }) => id === each.id),
            ),
          );
        // Every summary was said to have one byte: its offset is which case it is.
        const [inFirst, inOther] = [
          (position: number) => a[runs.first.placeAt(position).offset],
          (position: number) => b[runs.other.placeAt(position).offset],
        ];
        const same = kept(a, ({ content }, twin) => twin?.content === content);
        expect(paired.onlyInFirst.map(inFirst)).toEqual(kept(a, (_, twin) => twin === undefined));
        expect(paired.onlyInOther.map(inOther)).toEqual(kept(b, (_, twin) => twin === undefined));
        expect(Array.from(paired.matched.first, inFirst)).toEqual(same);
        expect(Array.from(paired.matched.other, inOther).map((each) => each?.id)).toEqual(
          same.map(({ id }) => id),
        );
        expect(paired.changed.length + same.length + paired.onlyInFirst.length).toBe(a.length);
      }),
    );
  });

  test("counts each pair that was scored in one of four cells", async () => {
    await assert(
      asyncProperty(written, written, async (a, b) => {
        const runs = { first: await columnsOf(a), other: await columnsOf(b) };
        const passed = comparePassed(runs, pairCases(runs).matched)?.comparison;
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

test("differences that are all alike are no certainty: there is no interval", async () => {
  const cases = (score: number) => columnsOf([1, 2, 3].map((id) => ({ id, passed: true, score })));
  const runs = { first: await cases(1), other: await cases(2) };
  const [score] = compareScores(runs, pairCases(runs).matched);
  expect(score?.difference).toEqual({ estimate: 1, method: "t" });
});

describe("clusters", () => {
  const cases = (passed: (id: number) => boolean, clusterOf: (id: number) => string) =>
    columnsOf(
      Array.from({ length: 40 }, (_, id) => ({ id, passed: passed(id), cluster: clusterOf(id), score: id })),
    );
  /** Cases that all failed, and the same with those below 20 passed. */
  const compared = async (clusterOf: (id: number) => string) => {
    const runs = {
      first: await cases(() => false, clusterOf),
      other: await cases((id) => id < 20, clusterOf),
    };
    return comparePassed(runs, pairCases(runs).matched)?.comparison;
  };

  test("count their cases as alike, in the interval and in the test", async () => {
    // Known: two of four clusters fixed is a mean of 0, 0, 1, 1 with 3 degrees of freedom: t = √3.
    const four = await compared((id) => String(Math.floor(id / 10)));
    expect(four).toMatchObject({ test: "clustered_t", difference: { estimate: 0.5, method: "clustered_t" } });
    expect(four?.pValue).toBeCloseTo(0.1817, 4);
    expect(four?.difference.low).toBeLessThan(0);
    // The standard error is 1/√12; (1.96 + 0.84) of them.
    expect(four?.resolvableGap).toBeCloseTo(0.8087, 4);
  });

  test("that changed all alike are as many tosses of a coin", async () => {
    const runs = {
      first: await cases(
        () => false,
        (id) => String(id % 5),
      ),
      other: await cases(
        () => true,
        (id) => String(id % 5),
      ),
    };
    const passed = comparePassed(runs, pairCases(runs).matched)?.comparison;
    expect(passed).toMatchObject({ test: "sign", difference: { method: "clustered_t" } });
    expect(passed?.pValue).toBeCloseTo(0.0625, 10);
  });

  test("of one case each are none", async () => {
    expect(await compared(String)).toMatchObject({ test: "mcnemar", difference: { method: "tango" } });
  });

  test("of different tasks are different, whatever their names", async () => {
    const columns = new CaseColumns(2);
    for (const task of [0, 1]) {
      const writer = new ColumnWriter();
      writer.add(storedOf({ id: 1, passed: true, cluster: "a" }), 1);
      for await (const group of readGroups(chunks([writer.end()!]))) columns.add(task, group);
    }
    expect(columns.clusterAt(0)).not.toBe(columns.clusterAt(1));
  });
});

describe("the sentence", () => {
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
    const [resolution] = [{ ...score, resolvableGap: 0.0512 }].map((each) =>
      resolutionOf({ scores: [each] }),
    );
    expect(resolution).toBe("50 cases find a true difference in bleu of 0.0512 or more four times in five.");
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

import { assert, asyncProperty } from "fast-check";
import { describe, expect, test } from "vitest";
import { runsOf, written } from "./column.fixture.ts";
import { type ComparedColumns, pairCases } from "./pair.ts";
import { comparePassed } from "./passed.ts";

async function passedIn(runs: ComparedColumns) {
  return (await comparePassed(runs, (await pairCases(runs)).matched))?.comparison;
}

test("each pair that was scored is counted in one of four cells", async () => {
  await assert(
    asyncProperty(written, written, async (a, b) => {
      const runs = await runsOf(a, b);
      const passed = await passedIn(runs);
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

test("of independent cases McNemar's test has its known answers: 5 and 15, 0 and 6, as many both ways", async () => {
  const pValue = async (fixed: number, broken: number) => {
    const cases = (passes: (id: number) => boolean) =>
      Array.from({ length: 40 }, (_, id) => ({ id, passed: passes(id) }));
    const runs = await runsOf(
      cases((id) => id < broken),
      cases((id) => id >= broken && id < broken + fixed),
    );
    const comparison = await passedIn(runs);
    expect(comparison).toMatchObject({ test: "mcnemar", table: { fixed, broken } });
    return comparison?.pValue;
  };
  expect(await pValue(5, 15)).toBeCloseTo(0.0414, 4);
  expect(await pValue(0, 6)).toBeCloseTo(0.03125, 10);
  expect(await pValue(7, 7)).toBe(1);
});

describe("clusters", () => {
  const cases = (passed: (id: number) => boolean, clusterOf: (id: number) => string) =>
    Array.from({ length: 40 }, (_, id) => ({ id, passed: passed(id), cluster: clusterOf(id) }));
  /** Cases that all failed, and the same of which some passed. */
  const compared = async (passed: (id: number) => boolean, clusterOf: (id: number) => string) => {
    const runs = await runsOf(
      cases(() => false, clusterOf),
      cases(passed, clusterOf),
    );
    return passedIn(runs);
  };
  const half = (id: number) => id < 20;

  test("count their cases as alike, in the interval and in the test", async () => {
    // Known: two of four clusters fixed is a mean of 0, 0, 1, 1 with 3 degrees of freedom: t = √3.
    const four = await compared(half, (id) => String(Math.floor(id / 10)));
    expect(four).toMatchObject({ test: "clustered_t", difference: { estimate: 0.5, method: "clustered_t" } });
    expect(four?.pValue).toBeCloseTo(0.1817, 4);
    expect(four?.difference.low).toBeLessThan(0);
    // The standard error is 1/√12; (1.96 + 0.84) of them.
    expect(four?.resolvableGap).toBeCloseTo(0.8087, 4);
  });

  test("that changed all alike are as many tosses of a coin", async () => {
    const passed = await compared(
      () => true,
      (id) => String(id % 5),
    );
    expect(passed).toMatchObject({ test: "sign", difference: { method: "clustered_t" } });
    expect(passed?.pValue).toBeCloseTo(0.0625, 10);
  });

  test("of one case each are none", async () => {
    expect(await compared(half, String)).toMatchObject({ test: "mcnemar", difference: { method: "tango" } });
  });
});

import { array, assert, double, integer, property, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { clusteredMeanInterval, intervalOfMean, meanInterval, wilsonInterval } from "./interval.ts";
import { mcnemarExact, meanTest, pairedDifferenceInterval, pairedMeanError } from "./paired.ts";

const values = array(double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 50 });

/** Of n cases: how many were gained and lost. */
const changes = tuple(
  integer({ min: 0, max: 60 }),
  integer({ min: 0, max: 60 }),
  integer({ min: 1, max: 60 }),
).map(([gained, lost, same]) => ({ gained, lost, n: gained + lost + same }));

describe("McNemar's exact test", () => {
  test("has its known answers", () => {
    expect(mcnemarExact(5, 15)).toBeCloseTo(0.0414, 4);
    expect(mcnemarExact(0, 6)).toBeCloseTo(0.03125, 10);
    expect([0, 1, 10].map((n) => mcnemarExact(n, n))).toEqual([1, 1, 1]);
  });

  test("does not know which run is called the first", () => {
    assert(
      property(changes, ({ gained, lost }) => mcnemarExact(gained, lost) === mcnemarExact(lost, gained)),
    );
  });
});

describe("the difference of two shares of the same cases", () => {
  test("without a change is not certainly zero", () => {
    // Where nothing changed Tango's upper end is Wilson's for 0 of n.
    const interval = pairedDifferenceInterval({ gained: 0, lost: 0, n: 30 });
    expect(interval?.high).toBeCloseTo(wilsonInterval(0, 30)?.high ?? 0, 10);
    expect(interval?.low).toBeCloseTo(-(interval?.high ?? 0), 10);
    expect(pairedDifferenceInterval({ gained: 0, lost: 0, n: 0 })).toBeUndefined();
  });

  test("stays within −1 and 1, holds the estimate, and turns over with the runs", () => {
    assert(
      property(changes, ({ gained, lost, n }) => {
        const interval = pairedDifferenceInterval({ gained, lost, n });
        const turned = pairedDifferenceInterval({ gained: lost, lost: gained, n });
        if (interval === undefined || turned === undefined) throw new Error("no interval");
        expect(interval.low).toBeGreaterThanOrEqual(-1);
        expect(interval.high).toBeLessThanOrEqual(1);
        expect(interval.low).toBeLessThanOrEqual(interval.estimate);
        expect(interval.high).toBeGreaterThanOrEqual(interval.estimate);
        expect(turned.low).toBeCloseTo(-interval.high, 9);
      }),
    );
  });

  test("of numbers is the interval of the mean of the differences", () => {
    const [a, b] = [
      [1, 2, 3, 4],
      [2, 2, 5, 4],
    ];
    expect(intervalOfMean(pairedMeanError({ a, b }))).toEqual(meanInterval([1, 0, 2, 0]));
    expect(intervalOfMean(pairedMeanError({ a, b }, [1, 1, 2, 3]))).toEqual(
      clusteredMeanInterval([1, 0, 2, 0], [1, 1, 2, 3]),
    );
    expect(() => pairedMeanError({ a, b: [1] })).toThrow("pairs of 4 and 1 values");
  });
});

describe("the t test of a mean difference", () => {
  const clustersOf = (length: number) => Array.from({ length }, (_, i) => i % 3);

  test("is below 0.05 exactly where the interval leaves zero out", () => {
    assert(
      property(values, (b) => {
        const pairs = { a: b.map(() => 0), b };
        for (const clusters of [undefined, clustersOf(b.length)]) {
          const known = pairedMeanError(pairs, clusters);
          const [p, interval] = [meanTest(known), intervalOfMean(known)];
          if (p === undefined || interval === undefined || Math.abs(p - 0.05) < 1e-6) continue;
          expect(p < 0.05).toBe(interval.low > 0 || interval.high < 0);
        }
      }),
    );
  });

  test("is none of differences that are all alike, of one pair, of one cluster", () => {
    const test = (...given: Parameters<typeof pairedMeanError>) => meanTest(pairedMeanError(...given));
    expect(test({ a: [1, 1, 1], b: [2, 2, 2] })).toBeUndefined();
    expect(test({ a: [1], b: [2] })).toBeUndefined();
    expect(test({ a: [1, 1], b: [2, 3] }, ["x", "x"])).toBeUndefined();
    expect(test({ a: [1e308, -1e308], b: [-1e308, 1e308] })).toBeUndefined();
  });

  test("does not take the rounding of equal differences for scatter", () => {
    const a = Array.from({ length: 200 }, (_, i) => i * 0.1);
    const b = a.map((value) => value + 0.6);
    expect(new Set(b.map((value, i) => value - a[i]!)).size).toBeGreaterThan(1);
    expect(pairedMeanError({ a, b })).toMatchObject({ error: 0 });
    expect(meanTest(pairedMeanError({ a, b }))).toBeUndefined();
  });
});

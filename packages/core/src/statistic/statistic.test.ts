import { assert, double, integer, property, tuple, array } from "fast-check";
import { describe, expect, test } from "vitest";
import { type BootstrapOptions, type Sample, bootstrapIntervals, samplesFor } from "./bootstrap.ts";
import { clusteredMeanInterval, intervalOfMean, meanInterval, wilsonInterval } from "./interval.ts";
import { holm } from "./multiple.ts";
import { mcnemarExact, meanTest, pairedDifferenceInterval, pairedMeanError } from "./paired.ts";
import { passAtK } from "./pass-at-k.ts";
import { resolvableGap, resolvableMean } from "./power.ts";
import { pairedMedianInterval, quantile } from "./quantile.ts";
import { type Draw, seededRandom, xoshiro128 } from "./random.ts";

const values = array(double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 50 });
/** Of n cases: how many were gained and lost. */
const changes = tuple(
  integer({ min: 0, max: 60 }),
  integer({ min: 0, max: 60 }),
  integer({ min: 1, max: 60 }),
).map(([gained, lost, same]) => ({ gained, lost, n: gained + lost + same }));

describe("Wilson's interval", () => {
  test("has its known answers", () => {
    const some = wilsonInterval(8, 10);
    expect(some?.low).toBeCloseTo(0.4902, 4);
    expect(some?.high).toBeCloseTo(0.9433, 4);
    expect(wilsonInterval(0, 30)).toMatchObject({ low: 0, estimate: 0 });
    expect(wilsonInterval(0, 30)?.high).toBeCloseTo(0.1135, 4);
    expect(wilsonInterval(30, 30)).toMatchObject({ high: 1, estimate: 1 });
    expect(wilsonInterval(0, 0)).toBeUndefined();
  });

  test("holds the estimate, stays within 0 and 1, and narrows with more cases", () => {
    assert(
      property(integer({ min: 0, max: 500 }), integer({ min: 1, max: 500 }), (passed, failed) => {
        const n = passed + failed;
        const interval = wilsonInterval(passed, n);
        const larger = wilsonInterval(passed * 10, n * 10);
        if (interval === undefined || larger === undefined) throw new Error("no interval");
        expect(interval.low).toBeGreaterThanOrEqual(0);
        expect(interval.high).toBeLessThanOrEqual(1);
        expect(interval.low).toBeLessThanOrEqual(passed / n);
        expect(interval.high).toBeGreaterThanOrEqual(passed / n);
        expect(larger.high - larger.low).toBeLessThan(interval.high - interval.low);
      }),
    );
  });
});

describe("the interval of a mean", () => {
  test("is there from two values on", () => {
    expect(meanInterval([])).toBeUndefined();
    expect(meanInterval([1])).toBeUndefined();
    expect(meanInterval([1, 1])).toEqual({ estimate: 1, low: 1, high: 1, level: 0.95 });
  });

  test("is the clustered one when every value is a cluster of its own", () => {
    assert(
      property(values, (sample) => {
        const plain = meanInterval(sample);
        const clustered = clusteredMeanInterval(sample, [...sample.keys()]);
        expect(clustered?.low).toBeCloseTo(plain?.low ?? Number.NaN, 4);
        expect(clustered?.high).toBeCloseTo(plain?.high ?? Number.NaN, 4);
      }),
    );
  });

  test("does not take copies for evidence: values repeated within clusters change nothing", () => {
    const sample = [0, 1, 1, 0, 1];
    const repeated = sample.flatMap((value) => [value, value, value]);
    const clusters = sample.flatMap((_, cluster) => [cluster, cluster, cluster]);
    expect(clusteredMeanInterval(repeated, clusters)?.high).toBeCloseTo(meanInterval(sample)?.high ?? 0, 10);
    expect(clusteredMeanInterval([1, 0], ["a", "a"])).toBeUndefined();
  });
});

describe("quantiles", () => {
  test("lie between neighbours, by definition 7", () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4], 0.95)).toBeCloseTo(3.85);
    expect([0, 1].map((q) => quantile([7, 8, 9], q))).toEqual([7, 9]);
    expect(quantile([], 0.5)).toBeUndefined();
  });

  test("a median's interval needs six values, and then is all of them", () => {
    expect(pairedMedianInterval([3, 1, 2, 5, 4])).toBeUndefined();
    expect(pairedMedianInterval([3, 1, 2, 5, 4, 6])).toEqual({ estimate: 3.5, low: 1, high: 6, level: 0.95 });
    // Known: for n = 20 the 6th and the 15th.
    const twenty = Array.from({ length: 20 }, (_, i) => 20 - i);
    expect(pairedMedianInterval(twenty)).toMatchObject({ low: 6, high: 15 });
  });
});

describe("the bootstrap", () => {
  const interval = (sample: Sample, options?: BootstrapOptions) => bootstrapIntervals([sample], options)[0];
  const values = [1, 5, 2, 8, 3, 9, 4];

  test("draws as the generator's reference code does, however the numbers are divided", () => {
    const draw = xoshiro128([1, 2, 3, 4]);
    const blocks = [new Uint32Array(1), new Uint32Array(3)];
    blocks.forEach(draw);
    expect(blocks.flatMap((block) => [...block])).toEqual([11520, 0, 5927040, 70819200]);
  });

  test("says the same again for the same seed, and what it was", () => {
    const first = interval({ values }, { seed: 7, samples: 300 });
    expect(first).toMatchObject({ seed: 7, samples: 300, generator: "xoshiro128**" });
    expect(interval({ values }, { seed: 7, samples: 300 })).toEqual(first);
    expect(interval({ values }, { seed: 8, samples: 300 })).not.toEqual(first);
    const draws = [0, 0, 1].map((seed) => firstDraw(seededRandom(seed)));
    expect(draws[0]).toBe(draws[1]);
    expect(draws[0]).not.toBe(draws[2]);
  });

  test("is, with seed 20240601, what it was when it was first published", () => {
    // Known: computed once by another implementation, which sums each resampled set value by value.
    expect(interval({ values })).toMatchObject({ samples: 2000, seed: 20_240_601 });
    expect(interval({ values })?.low).toBeCloseTo(19 / 7, 10);
    expect(interval({ values })?.high).toBeCloseTo(47 / 7, 10);
  });

  test("of several samples is that of each alone", () => {
    const samples = [{ values }, { values: [3, 1] }, { values: values.toReversed() }, { values: [7] }];
    expect(bootstrapIntervals(samples)).toEqual(samples.map((sample) => interval(sample)));
    expect(bootstrapIntervals(samples)[3]).toBeUndefined();
  });

  test("takes fewer samples of many values, and never fewer than 500", () => {
    expect([2, 50_000, 100_000, 250_000].map(samplesFor)).toEqual([2000, 2000, 1000, 500]);
  });

  test("agrees with the t interval where that is right", () => {
    const draws = [new Uint32Array(400), new Uint32Array(400)];
    draws.forEach(seededRandom(1));
    const sample = Array.from(draws[0]!, (draw, i) => (draw + draws[1]![i]!) / 2 ** 32);
    const [drawn, computed] = [interval({ values: sample }), meanInterval(sample)];
    expect(drawn?.low).toBeCloseTo(computed?.low ?? 0, 2);
    expect(drawn?.high).toBeCloseTo(computed?.high ?? 0, 2);
  });

  test("resamples clusters whole: copies of a value within its cluster change nothing", () => {
    const clusters = values.flatMap((_, cluster) => [cluster, cluster, cluster]);
    const copied = interval({ values: values.flatMap((value) => [value, value, value]), clusters });
    expect(copied?.low).toBeCloseTo(interval({ values })?.low ?? 0, 10);
    expect(copied?.high).toBeCloseTo(interval({ values })?.high ?? 0, 10);
    expect(interval({ values: [1, 2], clusters: ["a", "a"] })).toBeUndefined();
  });
});

function firstDraw(draw: Draw): number | undefined {
  const block = new Uint32Array(1);
  draw(block);
  return block[0];
}

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

describe("Holm's correction", () => {
  test("has its known answer, in the order given", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.8, 0.9])).toEqual([1, 1]);
    expect(holm([0.04])).toEqual([0.04]);
    expect(holm([])).toEqual([]);
  });

  test("never lowers a p-value, and keeps their order", () => {
    assert(
      property(array(double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }), (pValues) => {
        const adjusted = holm(pValues);
        for (const [i, p] of pValues.entries()) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          for (const [j, other] of pValues.entries()) {
            if (p < other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] ?? 0);
          }
        }
      }),
    );
  });
});

describe("pass@k", () => {
  test("has its known answers", () => {
    expect(passAtK(10, 3, 1)).toBeCloseTo(0.3, 12);
    // 1 − C(7,5)/C(10,5) = 1 − 21/252
    expect(passAtK(10, 3, 5)).toBeCloseTo(1 - 21 / 252, 12);
    expect([passAtK(5, 0, 3), passAtK(5, 3, 3), passAtK(2, 1, 3)]).toEqual([0, 1, undefined]);
  });
});

describe("the gap that a set of cases can resolve", () => {
  test("in a mean is 2.80 standard errors", () => {
    expect(resolvableMean({ mean: 7, error: 0.5, degreesOfFreedom: 9 })).toBeCloseTo(1.4008, 4);
    expect(resolvableMean({ mean: 7, error: 0, degreesOfFreedom: 9 })).toBeUndefined();
    expect(resolvableMean(undefined)).toBeUndefined();
  });

  test("needs, by Connor's formula, as many cases as there are", () => {
    const gap = resolvableGap(200, 0.08) ?? 0;
    const needed = (1.959964 * Math.sqrt(0.08) + 0.841621 * Math.sqrt(0.08 - gap ** 2)) ** 2 / gap ** 2;
    expect(needed).toBeCloseTo(200, 2);
  });

  test("is smaller with more cases, larger where more of them change, and none for three cases", () => {
    assert(
      property(
        integer({ min: 4, max: 10_000 }),
        double({ min: 0, max: 1, noNaN: true }),
        (n, discordance) => {
          const gap = resolvableGap(n, discordance) ?? 1;
          expect(resolvableGap(n * 2, discordance)).toBeLessThanOrEqual(gap);
          expect(resolvableGap(n, discordance / 2)).toBeLessThanOrEqual(gap + 1e-12);
        },
      ),
    );
    expect(resolvableGap(3, 0.5)).toBeUndefined();
  });
});

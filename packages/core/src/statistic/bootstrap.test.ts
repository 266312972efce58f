import { describe, expect, test } from "vitest";
import { type BootstrapOptions, type Sample, bootstrapIntervals, samplesFor } from "./bootstrap.ts";
import { meanInterval } from "./interval.ts";
import { type Draw, seededRandom, xoshiro128 } from "./random.ts";

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

import { describe, expect, test } from "vitest";
import { type BootstrapOptions, type Sample, bootstrapIntervals, samplesFor } from "./bootstrap.ts";
import { meanInterval } from "./interval.ts";
import { type Draw, seededRandom, xoshiro128 } from "./random.ts";

describe("the bootstrap", () => {
  const interval = async (sample: Sample, options?: BootstrapOptions) =>
    (await bootstrapIntervals([sample], options))[0];
  const values = [1, 5, 2, 8, 3, 9, 4];

  test("draws as the generator's reference code does, however the numbers are divided", () => {
    const draw = xoshiro128([1, 2, 3, 4]);
    const blocks = [new Uint32Array(1), new Uint32Array(3)];
    blocks.forEach(draw);
    expect(blocks.flatMap((block) => [...block])).toEqual([11520, 0, 5927040, 70819200]);
  });

  test("says the same again for the same seed, and what it was", async () => {
    const first = await interval({ values }, { seed: 7, samples: 300 });
    expect(first).toMatchObject({ seed: 7, samples: 300, generator: "xoshiro128**" });
    expect(await interval({ values }, { seed: 7, samples: 300 })).toEqual(first);
    expect(await interval({ values }, { seed: 8, samples: 300 })).not.toEqual(first);
    const draws = [0, 0, 1].map((seed) => firstDraw(seededRandom(seed)));
    expect(draws[0]).toBe(draws[1]);
    expect(draws[0]).not.toBe(draws[2]);
  });

  test("is, with seed 20240601, what it was when it was first published", async () => {
    // Known: computed once by another implementation, which sums each resampled set value by value.
    const drawn = await interval({ values });
    expect(drawn).toMatchObject({ samples: 2000, seed: 20_240_601 });
    expect(drawn?.low).toBeCloseTo(19 / 7, 10);
    expect(drawn?.high).toBeCloseTo(47 / 7, 10);
  });

  test("of several samples is that of each alone", async () => {
    const samples = [{ values }, { values: [3, 1] }, { values: values.toReversed() }, { values: [7] }];
    const together = await bootstrapIntervals(samples);
    expect(together).toEqual(await Promise.all(samples.map((sample) => interval(sample))));
    expect(together[3]).toBeUndefined();
  });

  test("of more values than one turn is enough for is the same to the last bit, and others are served meanwhile", async () => {
    const block = new Uint32Array(200_000);
    seededRandom(3)(block);
    const sample = { values: Float64Array.from(block, (drawn) => drawn / 2 ** 32) };
    let served = 0;
    const other = setInterval(() => served++, 1);
    const [drawn] = await bootstrapIntervals([sample], { samples: 40 });
    clearInterval(other);
    expect(served).toBeGreaterThan(0);
    // Known: computed by the same code in one go, before it had turns.
    expect([drawn?.low, drawn?.high]).toEqual([0.4985424500875948, 0.5007755523934889]);
  });

  test("takes fewer samples of many values, and never fewer than 500", () => {
    expect([2, 50_000, 100_000, 250_000].map(samplesFor)).toEqual([2000, 2000, 1000, 500]);
  });

  test("agrees with the t interval where that is right", async () => {
    const draws = [new Uint32Array(400), new Uint32Array(400)];
    draws.forEach(seededRandom(1));
    const sample = Array.from(draws[0]!, (draw, i) => (draw + draws[1]![i]!) / 2 ** 32);
    const [drawn, computed] = [await interval({ values: sample }), meanInterval(sample)];
    expect(drawn?.low).toBeCloseTo(computed?.low ?? 0, 2);
    expect(drawn?.high).toBeCloseTo(computed?.high ?? 0, 2);
  });

  test("resamples clusters whole: copies of a value within its cluster change nothing", async () => {
    const clusters = values.flatMap((_, cluster) => [cluster, cluster, cluster]);
    const single = await interval({ values });
    const copied = await interval({ values: values.flatMap((value) => [value, value, value]), clusters });
    expect(copied?.low).toBeCloseTo(single?.low ?? 0, 10);
    expect(copied?.high).toBeCloseTo(single?.high ?? 0, 10);
    expect(await interval({ values: [1, 2], clusters: ["a", "a"] })).toBeUndefined();
  });
});

function firstDraw(draw: Draw): number | undefined {
  const block = new Uint32Array(1);
  draw(block);
  return block[0];
}

import { array, assert, double, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { clusteredMeanInterval, meanInterval, wilsonInterval } from "./interval.ts";

const values = array(double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 50 });

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

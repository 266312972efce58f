import { describe, expect, test } from "vitest";
import { pairedMedianInterval, quantile } from "./quantile.ts";

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

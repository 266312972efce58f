import { describe, expect, test } from "vitest";
import { passAtK } from "./pass-at-k.ts";

describe("pass@k", () => {
  test("has its known answers", () => {
    expect(passAtK(10, 3, 1)).toBeCloseTo(0.3, 12);
    // 1 − C(7,5)/C(10,5) = 1 − 21/252
    expect(passAtK(10, 3, 5)).toBeCloseTo(1 - 21 / 252, 12);
    expect([passAtK(5, 0, 3), passAtK(5, 3, 3), passAtK(2, 1, 3)]).toEqual([0, 1, undefined]);
  });
});

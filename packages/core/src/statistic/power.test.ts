import { assert, double, integer, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { resolvableGap, resolvableMean } from "./power.ts";

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

import * as fc from "fast-check";
import { expect, it } from "vitest";
import { maxParts } from "../port/part-upload.ts";
import { maxUploadBytes } from "../wire/api.ts";
import {
  assertAllParts,
  assertPart,
  assertUploadSize,
  defaultUploadPolicy,
  missingParts,
  partRange,
  planParts,
} from "./part-plan.ts";

const mebibyte = 1024 ** 2;

it("sends in one PUT what is no larger than the policy says", () => {
  expect(planParts(1, defaultUploadPolicy)).toBeUndefined();
  expect(planParts(256 * mebibyte, defaultUploadPolicy)).toBeUndefined();
  expect(planParts(256 * mebibyte + 1, defaultUploadPolicy)).toEqual({ size: 64 * mebibyte, count: 5 });
  expect(planParts(maxUploadBytes, defaultUploadPolicy)).toEqual({ size: 64 * mebibyte, count: 800 });
});

it("refuses what is larger than a server takes, and says how much that is", () => {
  const policy = { ...defaultUploadPolicy, maxBytes: 16 * 1024 * mebibyte };
  expect(() => assertUploadSize(policy.maxBytes, policy)).not.toThrow();
  expect(() => assertUploadSize(maxUploadBytes, defaultUploadPolicy)).not.toThrow();
  expect(() => assertUploadSize(policy.maxBytes + 1, policy)).toThrow(
    "An upload has at most 16 GiB here, not 17179869185 bytes.",
  );
});

it("makes parts larger, by whole MiB, where there would be more than ten thousand", () => {
  expect(planParts(10_000 * 64 * mebibyte, defaultUploadPolicy)?.count).toBe(10_000);
  expect(planParts(10_000 * 64 * mebibyte + 1, defaultUploadPolicy)).toEqual({
    size: 65 * mebibyte,
    count: 9847,
  });
});

const sizes = fc.oneof(
  fc.integer({ min: 1, max: 5000 }),
  fc.maxSafeNat().map((size) => (size % 5e13) + 1),
);

it("cuts every size into parts that cover it once, within S3's limits", () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 2000 }), (size, partBytes) => {
      const plan = planParts(size, { onePutBytes: 0, partBytes })!;
      expect(plan.count).toBeLessThanOrEqual(maxParts);
      expect(plan.size).toBeGreaterThanOrEqual(partBytes);
      const ranges = Array.from({ length: plan.count }, (_, index) => partRange(size, plan, index + 1));
      const lengths = ranges.map(({ start, end }) => end - start);
      expect(ranges.every(({ start }, index) => start === (ranges[index - 1]?.end ?? 0))).toBe(true);
      expect(ranges.at(-1)?.end).toBe(size);
      expect(lengths.slice(0, -1).every((length) => length === plan.size)).toBe(true);
      expect(lengths.at(-1)).toBeGreaterThan(0);
    }),
  );
});

it("misses exactly the parts that have not arrived, or not whole", () => {
  const plan = planParts(2500, { onePutBytes: 0, partBytes: 100 })!;
  fc.assert(
    fc.property(fc.subarray(Array.from({ length: plan.count }, (_, index) => index + 1)), (arrived) => {
      const parts = arrived.map((number) => ({ number, size: 100 }));
      const missing = missingParts(2500, plan, parts);
      expect([...arrived, ...missing].sort((a, b) => a - b)).toHaveLength(plan.count);
      expect(missing.some((number) => arrived.includes(number))).toBe(false);
    }),
  );
  expect(missingParts(2500, plan, [{ number: 1, size: 99 }])).toContain(1);
});

it("refuses parts that are not of the upload, and sizes that are not theirs", () => {
  const plan = planParts(250, { onePutBytes: 0, partBytes: 100 })!;
  for (const number of [0, -1, 4, 1.5, Number.NaN]) {
    expect(() => assertPart(250, plan, { number, size: 100 })).toThrow("parts 1 to 3");
  }
  for (const [number, size] of [
    [1, 99],
    [1, 101],
    [3, 100],
    [3, 49],
  ] as const) {
    expect(() => assertPart(250, plan, { number, size })).toThrow(`not ${size}`);
  }
  expect(() => assertPart(250, plan, { number: 3, size: 50 })).not.toThrow();
});

it("names the parts that are missing, the first ten of many", () => {
  const plan = planParts(2500, { onePutBytes: 0, partBytes: 100 })!;
  expect(() => assertAllParts(2500, plan, [])).toThrow(
    "25 of 25 parts have not arrived: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ….",
  );
});

import { expect, it } from "vitest";
import { batches } from "./bus.ts";

it("fills batches of ten entries, and of no more bytes than EventBridge takes", () => {
  const entry = (bytes: number) => ({ Detail: "x".repeat(bytes) });
  const sizes = (entries: { Detail: string }[]) => batches(entries).map((batch) => batch.length);
  expect(sizes([])).toEqual([]);
  expect(sizes(Array.from({ length: 25 }, () => entry(10)))).toEqual([10, 10, 5]);
  expect(sizes([entry(100_000), entry(100_000), entry(100_000), entry(10)])).toEqual([2, 2]);
  expect(sizes([entry(300_000), entry(10)])).toEqual([1, 1]);
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { closest, editDistance } from "./closest.ts";

test("counts inserted, removed, replaced and swapped letters", () => {
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("sorting", "srotnig")).toBe(2);
});

test("is symmetric, and zero only for equal words", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
  );
});

test("suggests the nearest word, and none when all are far", () => {
  const fields = ["scoring_program", "ingestion_program", "reference_data", "image"];
  expect(closest("scoring_progam", fields)).toBe("scoring_program");
  expect(closest("Imgae", fields)).toBe("image");
  expect(closest("terms", fields)).toBeUndefined();
});

test("gives up once its budget is spent, with the best of what it has seen", () => {
  let seen = 0;
  const candidates = function* () {
    for (yield "imagf"; ; seen++) yield "omega";
  };
  const budget = { comparisons: 1000 };
  expect(closest("image", candidates(), budget)).toBe("imagf");
  expect(seen).toBeLessThan(50);
  expect(closest("image", ["image"], budget)).toBeUndefined();
});

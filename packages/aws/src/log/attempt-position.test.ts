import * as fc from "fast-check";
import { expect, it } from "vitest";
import { type AttemptPositions, decodePositions, encodePositions } from "./attempt-position.ts";

const place = fc.tuple(fc.integer({ min: 1, max: 2 ** 45 }), fc.nat(10_000));
const streams = fc.array(fc.oneof(place, fc.constant([0, 0] as [number, number])), {
  minLength: 2,
  maxLength: 4,
});

it("reads back the positions it wrote, of attempts of which something was read", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(fc.uuid(), streams), { selector: ([id]) => id }), (entries) => {
      const positions: AttemptPositions = new Map(entries);
      const begun = entries.filter(([, places]) => places.some(([at]) => at > 0));
      expect(decodePositions(encodePositions(positions))).toEqual(new Map(begun));
    }),
  );
});

it("keeps the cursors of 80 jobs within a URL", () => {
  const now = 1_800_000_000_000;
  const task = "0123456789abcdef0123456789abcdef";
  const [part = ""] = encodePositions(new Map([[task, Array.from({ length: 4 }, () => [now, 9])]]));
  // A message authentication code of 16 bytes, in base64.
  expect(((16 + JSON.stringify([part]).length) * 4) / 3).toBeLessThan(12_000 / 80);
});

import * as fc from "fast-check";
import { expect, it } from "vitest";
import { inParts, partBytes } from "./part.ts";

it("cuts content into parts of one size, the last apart, and loses nothing", async () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(chunks, fc.integer({ min: 1, max: 15 }), async (chunks, size) => {
      const parts = await Array.fromAsync(inParts(chunks, size));
      expect(Buffer.concat(parts)).toEqual(Buffer.concat(chunks));
      const lengths = parts.map(({ length }) => length);
      expect(lengths.slice(0, -1).every((length) => length === size)).toBe(true);
      expect(lengths.at(-1)).toBeLessThanOrEqual(size);
      expect(lengths.length).toBe(Math.max(1, Math.ceil(Buffer.concat(chunks).length / size)));
    }),
  );
});

it("makes parts so large that ten thousand of them are enough", () => {
  expect(partBytes()).toBe(8 * 1024 ** 2);
  for (const size of [1, 80e9, 100e9, 5 * 1024 ** 4]) {
    expect(Math.ceil(size / partBytes(size))).toBeLessThanOrEqual(10_000);
  }
});

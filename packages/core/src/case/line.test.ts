import * as fc from "fast-check";
import { expect, it } from "vitest";
import { type ByteLine, splitLines } from "./line.ts";

async function linesOf(chunks: readonly Uint8Array[], maxBytes = 100): Promise<ByteLine[]> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  return Array.fromAsync(splitLines(stream(), maxBytes), ({ bytes, ...line }) =>
    // Copied: they are only good until the next line.
    bytes === undefined ? line : { ...line, bytes: Buffer.from(bytes) },
  );
}

it("gives the same lines however the bytes are cut into chunks", async () => {
  const cut = fc.array(fc.array(fc.constantFrom(0x0a, 0x61, 0xc3, 0x0d), { maxLength: 12 }), {
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(cut, async (parts) => {
      const whole = Buffer.from(parts.flat());
      const lines = await linesOf(parts.map((part) => Uint8Array.from(part)));
      const expected = whole.toString("latin1").split("\n");
      if (expected.at(-1) === "") expected.pop();
      expect(lines.map(({ bytes }) => Buffer.from(bytes!).toString("latin1"))).toEqual(expected);
      for (const { offset, length, bytes } of lines)
        expect(whole.subarray(offset, offset + length)).toEqual(bytes);
    }),
  );
});

it("tells of a line that is too long, without keeping it, and goes on after it", async () => {
  const chunks = ["ab\n", "x".repeat(70), "x".repeat(70), "\ncd"].map((text) => Buffer.from(text));
  const lines = await linesOf(chunks, 100);
  expect(lines.map(({ number, length, ended, bytes }) => [number, length, ended, bytes?.toString()])).toEqual(
    [
      [1, 2, true, "ab"],
      [2, 140, true, undefined],
      [3, 2, false, "cd"],
    ],
  );
});

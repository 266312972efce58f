import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

function linesOf(chunks: readonly Uint8Array[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

test("lines are the same however the bytes arrive", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 7 }), (text, step) => {
      const bytes = Buffer.from(text);
      const parts = Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) =>
        bytes.subarray(i * step, (i + 1) * step),
      );
      expect(linesOf(parts)).toEqual(linesOf([bytes]));
    }),
  );
});

test.each([
  ["a\nb\n", ["a", "b"]],
  ["a\nb", ["a", "b"]],
  ["a\r\nb\r\n", ["a", "b"]],
  ["\n\n", ["", ""]],
  ["", []],
])("%j is the lines %j", (text, lines) => {
  expect(linesOf([Buffer.from(text)])).toEqual(lines);
});

test("a line without an end does not fill the memory", () => {
  const lengths = linesOf(Array.from({ length: 10 }, () => Buffer.alloc(10_000, "x"))).map(
    (line) => line.length,
  );
  expect(Math.max(...lengths)).toBe(16 * 1024);
  expect(lengths.reduce((sum, length) => sum + length)).toBe(100_000);
});

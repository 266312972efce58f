import * as fc from "fast-check";
import { expect, it } from "vitest";
import { cutLines } from "./stored.ts";

it("gives every line once, wherever the pieces are cut", () => {
  const line = fc.string({ unit: "grapheme-ascii" }).map((text) => text.replaceAll(/[\r\n]/g, ""));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.integer({ min: 1, max: 5 }), (lines, count) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""));
      const read: string[] = [];
      for (let at = 0; at < bytes.length;) {
        const cut = cutLines(bytes.subarray(at), count, true);
        read.push(...cut.texts);
        at += cut.length;
      }
      expect(read).toEqual(lines);
    }),
  );
});

it("waits for the rest of a line, unless there is no room for more or the log ends", () => {
  expect(cutLines(Buffer.from("a\nbc"), 9, false)).toEqual({ texts: ["a"], length: 2 });
  expect(cutLines(Buffer.from("a\nbc"), 9, true)).toEqual({ texts: ["a", "bc"], length: 4 });
  expect(cutLines(Buffer.from("bc"), 9, false)).toEqual({ texts: ["bc"], length: 2 });
});

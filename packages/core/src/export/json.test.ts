import { assert, property, string } from "fast-check";
import { expect, it } from "vitest";
import { jsonLine } from "./json.ts";

it("says half a character as the mark for one that is unknown, in keys too, and nothing else differently", () => {
  assert(
    property(string({ unit: "binary" }), string({ unit: "binary" }), (before, after) => {
      const text = `${before}\ud83d${after}\udc00\\ud83d\\\\`;
      expect(JSON.parse(jsonLine({ a: [text], [text]: 1 }))).toEqual({
        a: [text.toWellFormed()],
        [text.toWellFormed()]: 1,
      });
      expect(jsonLine({ before })).toBe(JSON.stringify({ before: before.toWellFormed() }));
    }),
  );
});

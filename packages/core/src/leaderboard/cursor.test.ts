import * as fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidInput } from "../error.ts";
import { type BoardCursor, decodeCursor, encodeCursor } from "./cursor.ts";
import { runId } from "../../../../test/support/leaderboard.ts";

const cursor: BoardCursor = { by: 0, direction: "desc", run: runId(1), position: 50, rank: 49 };

test("a cursor reads as it was written, in the same order only", () => {
  expect(decodeCursor(encodeCursor(cursor), { by: 0, direction: "desc" })).toEqual(cursor);
  expect(() => decodeCursor(encodeCursor(cursor), { by: 1, direction: "desc" })).toThrow(InvalidInput);
  expect(() => decodeCursor(encodeCursor(cursor), { by: 0, direction: "asc" })).toThrow(InvalidInput);
});

test("a made-up cursor is refused, whatever it holds", () => {
  const forged = fc.oneof(
    fc.string(),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value)).toString("base64url")),
    fc
      .constantFrom({ run: "run_1" }, { position: 0 }, { rank: 1.5 }, { more: 1 })
      .map((change) => encodeCursor({ ...cursor, ...change })),
  );
  fc.assert(
    fc.property(forged, (text) => {
      expect(() => decodeCursor(text, cursor)).toThrow(
        expect.objectContaining({ name: "InvalidInput", code: "cursor_invalid" }),
      );
    }),
  );
});

/** Where a page of a board ended. */
import * as z from "zod";
import { InvalidInput } from "../error.ts";
import { idSchema } from "../wire/id.ts";

/**
 * Names the last row's run, and not its sort key: that holds values of columns the reader may not see. Ranks are
 * carried along, since counting the rows before would cost more with every page. Nothing here is signed: whoever makes
 * one up sees wrong ranks, and no row that a true cursor would not show.
 */
const cursorSchema = z.strictObject({
  /** Index of the column it is sorted by. */
  by: z.int(),
  direction: z.enum(["asc", "desc"]),
  run: idSchema("run"),
  /** Of that row, from 1, counted from the top. */
  position: z.int().positive(),
  /** Smaller than the position when it is tied with the rows before. */
  rank: z.int().positive(),
});
export type BoardCursor = z.infer<typeof cursorSchema>;

export function encodeCursor(cursor: BoardCursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString("base64url");
}

/** @throws InvalidInput `cursor_invalid` when it is none, or one of another order */
export function decodeCursor(text: string, listing: Pick<BoardCursor, "by" | "direction">): BoardCursor {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    throw invalidCursor();
  }
  const { data } = cursorSchema.safeParse(value);
  if (data === undefined || data.by !== listing.by || data.direction !== listing.direction) {
    throw invalidCursor();
  }
  return data;
}

export function invalidCursor(): InvalidInput {
  return new InvalidInput(
    "cursor_invalid",
    "The cursor is not one from an earlier page of this leaderboard.",
    {
      hint: "Leave the cursor out to begin at the first page.",
    },
  );
}

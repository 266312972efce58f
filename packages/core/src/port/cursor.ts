import { createHmac, timingSafeEqual } from "node:crypto";
import { InvalidInput } from "../error.ts";

// 128 bits are plenty against guessing online, and keep cursors short in URLs.
const macBytes = 16;

/**
 * Cursors that clients hold but cannot make up: a position, signed together with the question it belongs to
 * (`scope`), so that one altered, or carried over to another question, is refused.
 */
export interface CursorCodec {
  encode(scope: string, position: readonly string[]): string;
  /** @throws InvalidInput `cursor_invalid` */
  decode(scope: string, cursor: string): string[];
}

/** @param secret the same in every process, so that what one gave another takes */
export function createCursorCodec(secret: Uint8Array): CursorCodec {
  const macOf = (scope: string, position: Uint8Array): Buffer =>
    createHmac("sha256", secret)
      .update(`cursor\n${Buffer.byteLength(scope)}\n${scope}`)
      .update(position)
      .digest()
      .subarray(0, macBytes);
  return {
    encode(scope, position) {
      const bytes = Buffer.from(JSON.stringify(position));
      return Buffer.concat([macOf(scope, bytes), bytes]).toString("base64url");
    },
    decode(scope, cursor) {
      const bytes = Buffer.from(cursor, "base64url");
      const position = bytes.subarray(macBytes);
      const canonical = bytes.toString("base64url") === cursor;
      if (
        !canonical ||
        bytes.length <= macBytes ||
        !timingSafeEqual(bytes.subarray(0, macBytes), macOf(scope, position))
      ) {
        throw new InvalidInput("cursor_invalid", "The cursor is not one from an earlier page of this list.", {
          hint: "Leave the cursor out to begin at the first page.",
        });
      }
      return JSON.parse(position.toString()) as string[];
    },
  };
}

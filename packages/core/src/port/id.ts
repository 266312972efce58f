import { randomBytes } from "node:crypto";
import { monotonicFactory } from "ulid";
import type { Ids } from "../ports.ts";

/** 256 bits, the size of the keys tokens are compared with. */
const tokenBytes = 32;

/**
 * Ids that sort by creation, also within one millisecond of one process, and tokens nobody can guess.
 * A clock that is set back does not make ids go back: the last millisecond is kept until it is reached again.
 */
export function createIds(): Ids {
  const ulid = monotonicFactory();
  return {
    next: (prefix) => `${prefix}_${ulid().toLowerCase()}`,
    token: () => randomBytes(tokenBytes).toString("base64url"),
  };
}

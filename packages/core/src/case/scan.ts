/** Reading summaries from a place onward, a range at a time. */
import { collect } from "../bundle/byte-source.ts";
import { InvalidInput } from "../error.ts";
import type { Blobs } from "../ports.ts";
import { Turn } from "../turn.ts";
import { splitLines } from "./line.ts";
import { type StoredCase, storedCaseSchema } from "./stored.ts";

/** The first range has room for any summary. */
const firstRange = 64 * 1024;
const longestRange = 4 * 1024 * 1024;

export interface Scanned {
  readonly case: StoredCase;
  /** Where the next one begins, bytes. */
  readonly next: number;
}

/** A summary as we stored it. */
export function parseStored(bytes: Uint8Array): StoredCase {
  return JSON.parse(Buffer.from(bytes).toString()) as StoredCase;
}

/**
 * Summaries from `start` on, in ranges that begin small and grow: who stops early has asked for little.
 * @param expected bytes that the reader thinks it needs
 * @throws InvalidInput `cursor_invalid` when no summary begins there
 */
export async function* scanSummaries(
  blobs: Pick<Blobs, "stream">,
  key: string,
  range: { readonly start: number; readonly end: number; readonly expected?: number },
): AsyncGenerator<Scanned> {
  const turn = new Turn();
  let size = Math.max(firstRange, Math.min(range.expected ?? 0, longestRange));
  for (let at = range.start; at < range.end;) {
    const end = Math.min(range.end, at + size);
    const bytes = await collect(await blobs.stream(key, { start: at, end }), end - at);
    let next = at;
    for await (const line of splitLines(oneChunk(bytes), size)) {
      if (!line.ended || line.bytes === undefined) break;
      if (turn.isOver) await turn.pass();
      next = at + line.offset + line.length + 1;
      yield {
        case: at === range.start && line.number === 1 ? checked(line.bytes) : parseStored(line.bytes),
        next,
      };
    }
    if (next === at) throw notAPlace();
    at = next;
    size = Math.min(longestRange, size * 4);
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Where a reader begins is what a cursor says, which a client may have changed. */
function checked(bytes: Uint8Array): StoredCase {
  try {
    return storedCaseSchema.parse(parseStored(bytes));
  } catch (error) {
    throw notAPlace(error);
  }
}

/** A cursor that cannot be one of ours. */
export function notAPlace(cause?: unknown): InvalidInput {
  return new InvalidInput("cursor_invalid", "The cursor is not one from an earlier page of this list.", {
    hint: "Leave the cursor out to begin at the first page.",
    ...(cause === undefined ? {} : { cause }),
  });
}

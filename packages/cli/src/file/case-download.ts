/** Cases of a run as a file, put together from slices: at any size, whatever a server delivers in one answer. */
import { setTimeout as pause } from "node:timers/promises";
import type { RunId } from "@benchgen/core/wire/id.ts";
import type { Client, Query } from "../client/client.ts";
import { CliError, Interrupted, exitCode } from "../error.ts";
import { filenameOf } from "./download.ts";

/** Between attempts to read a slice, milliseconds: a long export is not given up for one answer that breaks. */
const retryAfterMs = [500, 2000, 5000];

export interface CaseFile {
  /** What the server calls the file. */
  readonly filename: string;
  readonly content: AsyncIterable<Uint8Array>;
}

interface Slice {
  /** Whole: half of one is never passed on. */
  readonly bytes: Uint8Array;
  /** Of the next; undefined after the last. */
  readonly cursor: string | undefined;
}

/**
 * Begins an export. Reading `content` throws CliError when it cannot go on: what was read until then is not the file.
 * @param query as `GET /runs/{id}/cases/export` takes it
 */
export async function openCases(
  client: Client,
  id: RunId,
  query: Query,
  signal: AbortSignal,
): Promise<CaseFile> {
  const read = async (cursor?: string) => {
    const response = await client.exportCases(id, { ...query, slices: "true", cursor });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { bytes, cursor: nextCursor(response), response };
  };
  const first = await read();
  return {
    filename: filenameOf(first.response, `${id}-cases`),
    content: contentFrom(first, (cursor) => retried(() => read(cursor), signal)),
  };
}

async function* contentFrom(
  first: Slice,
  read: (cursor: string) => Promise<Slice>,
): AsyncGenerator<Uint8Array> {
  let slice = first;
  yield slice.bytes;
  while (slice.cursor !== undefined) {
    slice = await read(slice.cursor);
    yield slice.bytes;
  }
}

/** A slice is the same whenever it is read. What the server says of the request itself, it would say again. */
async function retried<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const wait of retryAfterMs) {
    try {
      return await read();
    } catch (error) {
      if (signal.aborted) throw new Interrupted();
      if (error instanceof CliError && error.exit !== exitCode.failed) throw error;
      await pause(wait, undefined, { signal }).catch(() => {
        throw new Interrupted();
      });
    }
  }
  return read();
}

/** Of `Link: <…>; rel="next"`. */
function nextCursor({ headers }: Response): string | undefined {
  const target = /<([^>]*)>; rel="next"/.exec(headers.get("link") ?? "")?.[1];
  if (target === undefined) return undefined;
  return new URL(target, "http://benchgen.invalid").searchParams.get("cursor") ?? undefined;
}

/** Content that nothing names any more, or never did: of uploads that were not used, and of crashes in publishing. */
import * as z from "zod";
import { forEachLimited } from "../concurrency.ts";
import { PlatformFault } from "../error.ts";
import type { BlobHead, Blobs, Clock, Table } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { readRecord } from "../record/record.ts";
import { contentPrefix } from "../wire/key.ts";
import { type NamedContent, readNamed } from "./named.ts";
import { deleteUnused, useSeconds } from "./use.ts";

interface PrunePorts {
  readonly table: Pick<Table, "scan" | "get" | "write">;
  readonly blobs: Pick<Blobs, "list" | "get" | "delete">;
  readonly clock: Clock;
}

/** Hashes are spread evenly: slices of about equal size, for one who has not the time for all at once. */
const slices = "0123456789abcdef";
const pageSize = 1000;
const concurrency = 16;

export interface PruneContentOptions {
  /** Younger content stays, ISO time. */
  readonly storedBefore: string;
  /** Counts, and deletes nothing. */
  readonly countOnly: boolean;
  /** The slice to begin with, from 0. Default: 0. */
  readonly from?: number;
  /** When to stop, between two pages. Default: when all is done. */
  readonly until?: Date;
}

export interface PrunedContent {
  readonly files: number;
  readonly bytes: number;
  /** The slice to go on with, when time was up; what is deleted is not met again. */
  readonly next?: number;
}

/**
 * Deletes content that no upload, submission or version names, that was stored before that time, and that nobody is
 * about to name: `use.ts` says why nothing named is lost, whatever others do meanwhile. May be repeated, and be killed
 * at any moment.
 * @throws PlatformFault `prune_out_of_time` when there are too many names to read them in time: nothing is deleted then
 */
export async function pruneContent(
  ports: PrunePorts,
  { storedBefore, countOnly, from = 0, until }: PruneContentOptions,
): Promise<PrunedContent> {
  const begun = ports.clock.now();
  const isOver = () => until !== undefined && ports.clock.now() >= until;
  const named = await readNamed(ports);
  if (isOver()) {
    const message = `There are ${named.hashes.size} names of content: reading them took all the time there is.`;
    throw new PlatformFault("prune_out_of_time", message);
  }
  const unusedSince = unusedSinceOf(named, begun);
  const pruned = { files: 0, bytes: 0 };
  for (let done = 0; done < slices.length; done++) {
    const slice = (from + done) % slices.length;
    let cursor: string | undefined;
    do {
      if (isOver()) return { ...pruned, next: slice };
      const options = { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) };
      const page = await ports.blobs.list(contentPrefix + slices[slice]!, options);
      const unnamed = page.items.filter((blob) => isUnnamed(named, blob, storedBefore));
      await forEachLimited(unnamed, concurrency, async ({ key, size }) => {
        const deletion = { sha256: hashOf(key), unusedSince, countOnly };
        if (!(await deleteUnused(ports, deletion, () => ports.blobs.delete(key)))) return;
        pruned.files++;
        pruned.bytes += size;
      });
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return pruned;
}

/** Pure. */
export function isUnnamed(
  { hashes }: Pick<NamedContent, "hashes">,
  { key, modifiedAt }: Pick<BlobHead, "key" | "modifiedAt">,
  storedBefore: string,
): boolean {
  return modifiedAt < storedBefore && !hashes.has(hashOf(key));
}

/**
 * Since when nobody may have relied on content that is deleted, seconds since the epoch. Pure.
 * @param begun when the names began to be read
 */
export function unusedSinceOf({ unsettledSince }: Pick<NamedContent, "unsettledSince">, begun: Date): number {
  const announced = unsettledSince === undefined ? Number.POSITIVE_INFINITY : Date.parse(unsettledSince);
  return Math.floor(Math.min(begun.getTime() - useSeconds * 1000, announced) / 1000);
}

function hashOf(key: string): string {
  return key.slice(contentPrefix.length);
}

const progressSchema = z.object({ next: z.int().nonnegative() });

/**
 * The same, as much as there is time for, beginning where it ended last time.
 * @param options.days younger content stays
 * @param options.seconds how long it may take, give or take a page
 */
export async function pruneContentInTime(
  ports: PrunePorts,
  { days, seconds }: { readonly days: number; readonly seconds: number },
): Promise<PrunedContent> {
  const key = tableKey.contentPruning();
  const now = ports.clock.now().getTime();
  const { next: from = 0 } = (await readRecord(ports.table, key, progressSchema)) ?? {};
  const pruned = await pruneContent(ports, {
    storedBefore: new Date(now - days * 86_400_000).toISOString(),
    countOnly: false,
    from,
    until: new Date(now + seconds * 1000),
  });
  const next = pruned.next ?? 0;
  if (next !== from) await ports.table.write([{ kind: "update", key, set: { next } }]);
  return pruned;
}

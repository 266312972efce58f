/** Deletes what a data directory keeps and nobody needs: files and history of old runs, and what was left over. */
import { type PrunedContent, pruneContent } from "@benchgen/core/content/prune.ts";
import { deleteRunFiles, keptBecause } from "@benchgen/core/run/prune.ts";
import type { Ports } from "@benchgen/core/ports.ts";
import { uploadLifeSeconds } from "@benchgen/core/upload/record.ts";
import { isId } from "@benchgen/core/wire/id.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { LogStore } from "../log/log-store.ts";
import { countExpired, deleteExpired } from "../table/expiry.ts";
import { Journal } from "../workflow/journal.ts";

/** Executions looked at in one query, and expired items deleted in one. */
const pageSize = 1000;

export interface PruneOptions {
  /** Of runs that ended longer ago, everything goes but scores and rows on leaderboards. */
  readonly olderThanDays: number;
  /** Also of runs that stand on a leaderboard: their scores stay there, their cases and reports go. */
  readonly ranked: boolean;
  /** Counts, and deletes nothing. */
  readonly dryRun: boolean;
}

export interface PruneReport {
  /** Runs whose outputs, logs, cases and history went. */
  readonly runs: number;
  /** Files of theirs. */
  readonly files: number;
  readonly bytes: number;
  /** Runs as old that keep theirs because they stand on a leaderboard. */
  readonly ranked: number;
  /** Content that nothing names. */
  readonly unused: PrunedContent;
  /** Records whose time was over. */
  readonly expired: number;
}

/**
 * Every part may be repeated: a run's history, which is what it is found by, goes last. Other processes may have the
 * directory open.
 * @throws PlatformFault when the store fails; what was deleted by then stays deleted
 */
export async function prune(
  place: {
    readonly directory: Pick<DataDirectory, "database" | "owner">;
    readonly ports: Pick<Ports, "table" | "blobs" | "clock">;
    readonly logs: Pick<LogStore, "remove" | "size">;
  },
  options: PruneOptions,
): Promise<PruneReport> {
  const { directory, ports } = place;
  const { dryRun: countOnly } = options;
  const now = ports.clock.now().getTime();
  const runs = await pruneRuns(place, options, daysBefore(now, options.olderThanDays));
  const storedBefore = daysBefore(now, uploadLifeSeconds / 86_400);
  const unused = await pruneContent(ports, { storedBefore, countOnly });
  return {
    ...runs,
    unused,
    expired: countOnly ? countExpired(directory.database, now) : deleteAllExpired(directory, now),
  };
}

async function pruneRuns(
  { directory, ports, logs }: Parameters<typeof prune>[0],
  { ranked: withRanked, dryRun: countOnly }: PruneOptions,
  endedBefore: string,
): Promise<Pick<PruneReport, "runs" | "files" | "bytes" | "ranked">> {
  const journal = new Journal(directory.database, directory.owner.id);
  const pruned = { runs: 0, files: 0, bytes: 0, ranked: 0 };
  for (const runId of oldRuns(journal, endedBefore)) {
    const reason = await keptBecause(ports, runId, { endedBefore, ranked: withRanked });
    if (reason === "ranked") pruned.ranked++;
    if (reason !== undefined) continue;
    const files = await deleteRunFiles(ports, runId, { countOnly });
    const logged = await logs.size(runId);
    if (!countOnly) {
      await logs.remove(runId);
      journal.forget(runId);
    }
    pruned.runs++;
    pruned.files += files.files + logged.files;
    pruned.bytes += files.bytes + logged.bytes;
  }
  return pruned;
}

/** Executions are named after runs. */
function* oldRuns(journal: Journal, endedBefore: string): Generator<RunId> {
  let after = "";
  for (;;) {
    const names = journal.endedBefore(endedBefore, after, pageSize);
    for (const name of names) if (isId("run", name)) yield name;
    if (names.length < pageSize) return;
    after = names.at(-1)!;
  }
}

function deleteAllExpired({ database }: Pick<DataDirectory, "database">, now: number): number {
  let deleted = 0;
  for (;;) {
    const count = deleteExpired(database, now, pageSize);
    deleted += count;
    if (count < pageSize) return deleted;
  }
}

function daysBefore(now: number, days: number): string {
  return new Date(now - days * 86_400_000).toISOString();
}

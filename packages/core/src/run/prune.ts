/** What is kept of a run that ended long ago: its scores and its rows on leaderboards, and not its files. */
import { boardPartition } from "../leaderboard/key.ts";
import { ignoreNotFound } from "../error.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import type { RunId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { isTerminal, runMoves } from "../wire/status.ts";
import { loadRun } from "./record.ts";

type PrunePorts = Pick<Ports, "table" | "blobs">;

/**
 * Why a run keeps its files: it is not over, or something that follows from its end is still to be done; it ended
 * too recently; it stands on a leaderboard.
 */
export type KeptBecause = "open" | "recent" | "ranked";

/**
 * Whether the files of a run may go: outputs, logs, cases, report.
 * @param options.endedBefore ISO time
 * @param options.ranked whether those of a run go that stands on a leaderboard
 */
export async function keptBecause(
  { table }: Pick<Ports, "table">,
  runId: RunId,
  options: { readonly endedBefore: string; readonly ranked: boolean },
): Promise<KeptBecause | undefined> {
  const run = await loadRun(table, runId).catch(ignoreNotFound);
  // Nobody can ask for the files of a run that is not there.
  if (run === undefined) return undefined;
  const unfinished = (await table.get(tableKey.open("RUN", runId))) !== undefined;
  if (!isTerminal(runMoves, run.status) || unfinished) return "open";
  if ((run.endedAt ?? run.createdAt) >= options.endedBefore) return "recent";
  return !options.ranked && (await isRanked(table, runId)) ? "ranked" : undefined;
}

/** Deletes every file of a run, or counts them only. May be repeated after a crash. */
export async function deleteRunFiles(
  { blobs }: PrunePorts,
  runId: RunId,
  { countOnly }: { readonly countOnly: boolean },
): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  let cursor: string | undefined;
  do {
    const page = await blobs.list(blobKey.runPrefix(runId), cursor === undefined ? {} : { cursor });
    for (const { key, size } of page.items) {
      if (!countOnly) await blobs.delete(key);
      files++;
      bytes += size;
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { files, bytes };
}

async function isRanked(table: Pick<Ports["table"], "query">, runId: RunId): Promise<boolean> {
  const { items } = await table.query({ ...boardPartition.rowsOfRun(runId), limit: 1000 });
  return items.some((row) => row["placed"] === true);
}

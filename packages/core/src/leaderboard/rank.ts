/** The rank of one run. */
import type { Ports } from "../ports.ts";
import type { RunId } from "../wire/id.ts";
import type { Board } from "./board.ts";
import { listingOf } from "./listing.ts";
import { tieKey } from "./sort-key.ts";
import { readRow } from "./standing.ts";

/** Rows that are counted at most: ten queries. */
const maxCounted = 10_000;
const pageRows = 1000;

export interface RunRank {
  /** In the board's own order; equal rows share one. */
  readonly rank: number;
  /** False when more than 10,000 rows are better: the rank is that or worse. */
  readonly exact: boolean;
}

/**
 * Where a run stands on a board, undefined when the board does not show it. Counts the better rows, a thousand a query,
 * so it costs as much as the run is far from the top, and never more than ten queries: a table keeps no counts.
 */
export async function rankOf(
  ports: Pick<Ports, "table">,
  board: Board,
  runId: RunId,
): Promise<RunRank | undefined> {
  const found = await readRow(ports.table, board, runId);
  if (found?.placed !== true) return undefined;
  const { pk, order } = listingOf(board, { includeHidden: true });
  const better = { pk, range: { before: tieKey(order, found.row) }, limit: pageRows };
  let count = 0;
  let cursor: string | undefined;
  do {
    const page = await ports.table.query({ ...better, ...(cursor !== undefined && { cursor }) });
    count += page.items.length;
    cursor = page.cursor;
  } while (cursor !== undefined && count < maxCounted);
  return { rank: count + 1, exact: cursor === undefined };
}

/** Reading a board by page, ranked. */
import type { Column } from "../bundle/manifest.ts";
import { InvalidInput, NotFound } from "../error.ts";
import type { Ports, Table } from "../ports.ts";
import type { LeaderboardRow } from "../wire/api.ts";
import type { Board } from "./board.ts";
import { type BoardCursor, decodeCursor, encodeCursor, invalidCursor } from "./cursor.ts";
import { type Listing, listingOf, readEntries } from "./listing.ts";
import { type BoardRow, parseRow } from "./row.ts";
import { sortKey, tieKey, tieKeyIn } from "./sort-key.ts";
import { readRow } from "./standing.ts";

export interface BoardQuery {
  /** Key of a column. Default: the primary one, which is the board's own order. */
  readonly sortBy?: string | undefined;
  /** Default: the column's own. Against it, ranks count from that end. */
  readonly direction?: Column["sorting"] | undefined;
  readonly cursor?: string | undefined;
  /** Rows, 1 to 500. */
  readonly limit: number;
  /** Shows hidden boards and columns: for the environment's authors. */
  readonly includeHidden?: boolean | undefined;
}

export interface BoardPage {
  readonly rows: readonly LeaderboardRow[];
  /** Absent on the last page. */
  readonly cursor?: string;
  readonly sortedBy: { readonly column: string; readonly direction: Column["sorting"] };
}

export const maxPageRows = 500;

/**
 * A page of a board in the order of any column, ranked in that order: equal in all columns is equal rank, and the next
 * has its position (1, 1, 3), across pages too. One query, and one get to find the place of a cursor, wherever the page
 * is and however many rows there are. Rows that come or go while someone turns pages shift the ranks of later pages by
 * that much; no row that stays is skipped or repeated unless it moves itself.
 * @throws NotFound for a hidden board
 * @throws InvalidInput `cursor_invalid`, `limit_invalid`, `leaderboard.column_unknown`, `leaderboard.column_not_sortable`
 */
export async function leaderboardPage(
  ports: Pick<Ports, "table">,
  board: Board,
  query: BoardQuery,
): Promise<BoardPage> {
  const includeHidden = query.includeHidden ?? false;
  requireVisible(board, { includeHidden });
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > maxPageRows) {
    throw new InvalidInput("limit_invalid", `A page has 1 to ${maxPageRows} rows, not ${query.limit}.`);
  }
  const listing = listingOf(board, { ...query, includeHidden });
  const start = query.cursor === undefined ? top : await findPlace(ports.table, board, listing, query.cursor);
  // One more than asked for shows whether there is a next page.
  const entries = await readEntries(ports.table, listing, start.sortKey, query.limit + 1);
  let last: Place = start;
  const rows = entries.slice(0, query.limit).map((item) => {
    const row = parseRow(board, item);
    const tie = tieKeyIn(listing.order, item.sk);
    const position = last.position + 1;
    last = { run: row.runId, tie, position, rank: tie === last.tie ? last.rank : position };
    return visibleRow(board, row, last.rank, includeHidden);
  });
  const { column, direction } = listing;
  return {
    rows,
    ...(entries.length > query.limit && { cursor: cursorAt(listing, last) }),
    sortedBy: { column: column.key, direction },
  };
}

/** @throws NotFound for a hidden board, unless hidden ones are asked for by one who may */
export function requireVisible(
  { leaderboard }: Board,
  { includeHidden }: Pick<BoardQuery, "includeHidden">,
): void {
  if (leaderboard.hidden && includeHidden !== true) throw new NotFound("leaderboard", leaderboard.key);
}

interface Place extends Partial<Pick<BoardCursor, "run">> {
  /** Where to go on; absent at the top. */
  readonly sortKey?: string;
  readonly tie?: string;
  /** Rows so far. */
  readonly position: number;
  readonly rank: number;
}

const top: Place = { position: 0, rank: 0 };

async function findPlace(table: Table, board: Board, listing: Listing, cursor: string): Promise<Place> {
  const { run, position, rank } = decodeCursor(cursor, {
    by: listing.column.index,
    direction: listing.direction,
  });
  // A run that was taken off the board since still has its row, and so its place.
  const found = await readRow(table, board, run);
  if (found === undefined) throw invalidCursor();
  return {
    sortKey: sortKey(listing.order, found.row),
    tie: tieKey(listing.order, found.row),
    position,
    rank,
  };
}

function cursorAt({ column, direction }: Listing, { run, position, rank }: Place): string {
  if (run === undefined) throw new Error("a cursor without a row");
  return encodeCursor({ by: column.index, direction, run, position, rank });
}

/** The row as a reader sees it: without hidden columns, unless they may see them. */
function visibleRow(board: Board, row: BoardRow, rank: number, includeHidden: boolean): LeaderboardRow {
  const shown = new Set(
    board.leaderboard.columns.filter(({ hidden }) => includeHidden || !hidden).map(({ key }) => key),
  );
  const visible = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(record).filter(([key]) => shown.has(key)));
  const { runId, name, participant, submittedAt, version, scores, unscored, intervals, tasks } = row;
  return {
    rank,
    runId,
    name,
    participant,
    submittedAt,
    version,
    scores: visible(scores),
    unscored: visible(unscored),
    ...(intervals && { intervals: visible(intervals) }),
    taskScores: Object.fromEntries(
      tasks.map(({ index, scores }) => [String(index), visible<number>(scores)]),
    ),
  };
}

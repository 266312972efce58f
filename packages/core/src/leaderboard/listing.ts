/** One way of reading a board: sorted by a column, in a direction. */
import type { Column } from "../bundle/manifest.ts";
import { InvalidInput } from "../error.ts";
import type { Item, Query, Table } from "../ports.ts";
import type { Board } from "./board.ts";
import { boardPartition } from "./key.ts";
import { orderOf, primaryColumn, sortableColumns } from "./order.ts";
import { absentKey } from "./sort-key.ts";

export interface Listing {
  readonly pk: string;
  /** The column it is sorted by. */
  readonly column: Column;
  readonly direction: Column["sorting"];
  /** What is compared, most important first. */
  readonly order: readonly Column[];
  /**
   * Read against the column's own direction: the rows that have a value in exactly the opposite order, ties included;
   * then those that have none, which come last in either direction, in the board's order.
   */
  readonly mirrored: boolean;
}

/**
 * The board's own order is that of its primary column.
 * @throws InvalidInput `leaderboard.column_unknown`, also for a hidden column to those who may not see it
 * @throws InvalidInput `leaderboard.column_not_sortable` for a column beyond the first 47
 */
export function listingOf(
  board: Board,
  sort: {
    readonly sortBy?: string | undefined;
    readonly direction?: Column["sorting"] | undefined;
    readonly includeHidden: boolean;
  },
): Listing {
  const column =
    sort.sortBy === undefined ? primaryColumn(board.leaderboard) : namedColumn(board, sort.sortBy);
  const asked = sort.sortBy !== undefined;
  if (column === undefined || (asked && column.hidden && !sort.includeHidden)) {
    const shown = board.leaderboard.columns.filter(({ hidden }) => sort.includeHidden || !hidden);
    throw new InvalidInput("leaderboard.column_unknown", `The leaderboard has no column "${sort.sortBy}".`, {
      hint: `Its columns are: ${shown.map(({ key }) => key).join(", ")}.`,
    });
  }
  const sortable = sortableColumns(board.leaderboard);
  if (!sortable.includes(column)) {
    throw new InvalidInput(
      "leaderboard.column_not_sortable",
      `The leaderboard cannot be sorted by "${column.key}": it has too many columns for all of them to be.`,
      { hint: `Sort by one of the first ${sortable.length}, or export the board.` },
    );
  }
  const direction = sort.direction ?? column.sorting;
  return {
    pk: boardPartition.entries(board.id, column.index),
    column,
    direction,
    order: orderOf(board.leaderboard, column),
    mirrored: direction !== column.sorting,
  };
}

function namedColumn({ leaderboard }: Board, key: string): Column | undefined {
  return leaderboard.columns.find((column) => column.key === key);
}

/** Up to `limit` entries, from the top or after a sort key. Costs no more at the end of a board than at its top. */
export async function readEntries(
  table: Pick<Table, "query">,
  listing: Listing,
  after: string | undefined,
  limit: number,
): Promise<Item[]> {
  const entries: Item[] = [];
  for (const span of spansAfter(listing, after)) {
    let cursor: string | undefined;
    do {
      if (entries.length === limit) return entries;
      const page = await table.query({
        ...span,
        pk: listing.pk,
        limit: limit - entries.length,
        ...(cursor !== undefined && { cursor }),
      });
      entries.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
  }
  return entries;
}

/** What follows a sort key: keys have one length, so whatever begins like it and goes on is behind it. */
const behind = (key: string) => `${key}!`;

function spansAfter(listing: Listing, after: string | undefined): Pick<Query, "range" | "reverse">[] {
  if (!listing.mirrored) return [after === undefined ? {} : { range: { from: behind(after) } }];
  if (after !== undefined && after >= absentKey) return [{ range: { from: behind(after) } }];
  return [{ range: { before: after ?? absentKey }, reverse: true }, { range: { from: absentKey } }];
}

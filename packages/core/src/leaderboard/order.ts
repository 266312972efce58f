/**
 * How rows rank. Pure, on full precision: a column's `precision` is for display. The order is here by comparing, which
 * says what it is, and in `sort-key.ts` by bytes, which is how the table keeps it: tests hold the one against the other.
 */
import type { Column, Leaderboard } from "../bundle/manifest.ts";
import { maxWriteOperations } from "../ports.ts";
import { type Scores, scoreOf } from "../score/score.ts";

/** What decides a row's place. */
export interface OrderedRow {
  readonly runId: string;
  /** ISO 8601. */
  readonly submittedAt: string;
  readonly scores: Scores;
}

/**
 * Columns beyond this many do not break ties. They go into a sort key, 11 bytes each, and DynamoDB's sort keys end at
 * 1,024 bytes.
 */
export const maxOrderColumns = 80;

/**
 * A board can be read by page in the order of this many columns. Each costs an item per row, and one write both takes
 * a row off the board and puts another on it, with up to five operations on other items.
 */
export const maxSortableColumns = Math.floor((maxWriteOperations - 5) / 2);

/** The column that ranks first: the one `primary_index` names, else the first visible one, else the first. */
export function primaryColumn(leaderboard: Leaderboard): Column {
  const { columns, primaryIndex } = leaderboard;
  const [first] = columns;
  if (first === undefined) throw new Error(`leaderboard "${leaderboard.key}" has no columns`);
  return (
    columns.find(({ index }) => index === primaryIndex) ?? columns.find(({ hidden }) => !hidden) ?? first
  );
}

/**
 * The columns that decide, most important first: the primary one (hidden or not), then the other visible ones by
 * index. With `by`, that column comes before them, for reading the board sorted by it.
 */
export function orderOf(leaderboard: Leaderboard, by?: Column): readonly Column[] {
  const primary = primaryColumn(leaderboard);
  const visible = leaderboard.columns
    .filter((column) => !column.hidden && column !== primary)
    .sort((a, b) => a.index - b.index);
  const order = [primary, ...visible].slice(0, maxOrderColumns);
  return by === undefined ? order : [by, ...order.filter((column) => column !== by)];
}

/** The columns a board can be read by: the primary one, the visible ones by index, the hidden ones by index. */
export function sortableColumns(leaderboard: Leaderboard): readonly Column[] {
  const others = leaderboard.columns
    .filter((column) => column !== primaryColumn(leaderboard))
    .sort((a, b) => Number(a.hidden) - Number(b.hidden) || a.index - b.index);
  return [primaryColumn(leaderboard), ...others].slice(0, maxSortableColumns);
}

/**
 * Negative when `a` stands before `b`: by each column in its own direction, absent values last in either; then the
 * earlier submission; then the smaller run id, so that the order is total.
 */
export function compareRows(order: readonly Column[], a: OrderedRow, b: OrderedRow): number {
  const byScores = compareScores(order, a, b);
  if (byScores !== 0) return byScores;
  const byTime = Date.parse(a.submittedAt) - Date.parse(b.submittedAt);
  if (byTime !== 0) return byTime;
  return a.runId < b.runId ? -1 : Number(a.runId > b.runId);
}

/** As `compareRows`, without time and id: zero means equal rank. */
export function compareScores(order: readonly Column[], a: OrderedRow, b: OrderedRow): number {
  for (const { key, sorting } of order) {
    const [left, right] = [scoreOf(a.scores, key), scoreOf(b.scores, key)];
    if (left === right) continue;
    if (left === undefined) return 1;
    if (right === undefined) return -1;
    return left < right === (sorting === "asc") ? -1 : 1;
  }
  return 0;
}

/** The rows in order with their ranks: equal rows share one, and the next has its position: 1, 1, 3. */
export function rankRows<R extends OrderedRow>(
  order: readonly Column[],
  rows: readonly R[],
): { readonly rank: number; readonly row: R }[] {
  const sorted = [...rows].sort((a, b) => compareRows(order, a, b));
  const ranked: { rank: number; row: R }[] = [];
  for (const [position, row] of sorted.entries()) {
    const before = ranked.at(-1);
    const tied = before !== undefined && compareScores(order, before.row, row) === 0;
    ranked.push({ rank: tied ? before.rank : position + 1, row });
  }
  return ranked;
}

/** A board's row: in the domain, and as its items hold it. */
import * as z from "zod";
import type { Item, Json } from "../ports.ts";
import { type Scores, scoreOf } from "../score/score.ts";
import type { BoardScores } from "../score/score-run.ts";
import { shownIntervals } from "../report/shown-interval.ts";
import { idSchema, type RunId } from "../wire/id.ts";
import { type CaseReport, type Interval, intervalSchema } from "../wire/report.ts";
import type { Board } from "./board.ts";
import { boardKey } from "./key.ts";
import { orderOf, sortableColumns } from "./order.ts";
import { sortKey } from "./sort-key.ts";

/** What a board shows of a run. */
export interface BoardRun {
  readonly runId: RunId;
  readonly participant: string;
  /** The run's name. */
  readonly name: string;
  /** When the run was submitted, not when it ended. ISO 8601, UTC. */
  readonly submittedAt: string;
  /** Number of the environment's version. */
  readonly version: number;
}

export interface BoardRow extends BoardRun {
  readonly scores: Scores;
  /** Column key to why it has no value. */
  readonly unscored: Readonly<Record<string, string>>;
  /** Column key to where the true score lies, for scores that the run's cases give. Absent when none is. */
  readonly intervals?: Readonly<Record<string, Interval>>;
  /** Empty where they were too large to be kept on the board (see `maxPayloadBytes`): the run has them. */
  readonly tasks: readonly { readonly index: number; readonly scores: Scores }[];
}

/** @param report what the run's cases come to, where it reported any */
export function toRow(run: BoardRun, { overall, tasks }: BoardScores, report?: CaseReport): BoardRow {
  const unscored = Object.entries(overall.unscored).map(([key, { message }]) => [key, message] as const);
  const intervals = shownIntervals(overall.scores, report);
  return {
    ...run,
    ...(Object.keys(intervals).length > 0 && { intervals }),
    scores: overall.scores,
    unscored: Object.fromEntries(unscored),
    tasks: tasks.map(({ index, scores }) => ({ index, scores })),
  };
}

/**
 * Every item of a row, one per sortable column, holds all that a page shows: a page is one query, not one and then a
 * get per row, and storage is cheaper than reads. The price is copies, so a row is bounded: 47 of them in one
 * transaction must stay well below DynamoDB's 4 MB. A common row (5 columns, 2 tasks) has about 0.5 KB.
 */
const maxPayloadBytes = 32 * 1024;

const values = z.array(z.number().nullable());

/** Values by the column's position on the board, which never changes: a board with other columns is another board. */
const storedSchema = z.object({
  runId: idSchema("run"),
  participant: z.string(),
  name: z.string(),
  submittedAt: z.string(),
  version: z.int(),
  values,
  unscored: z.array(z.tuple([z.int(), z.string()])),
  intervals: z.array(z.tuple([z.int(), intervalSchema])).optional(),
  tasks: z.array(z.object({ index: z.int(), values })),
});
type Stored = z.infer<typeof storedSchema>;

/** The row item, by which a merge is known to have happened. `placed` says whether the board shows it. */
export function rowItem(board: Board, row: BoardRow, placed: boolean): Item {
  return { ...encode(board, row), ...boardKey.row(board.id, row.runId), placed };
}

/** The items that show a row: one per sortable column, each in that column's order. */
export function entryItems(board: Board, row: BoardRow): Item[] {
  const payload = encode(board, row);
  return entryKeys(board, row).map((key) => ({ ...payload, ...key }));
}

export function entryKeys(board: Board, row: BoardRow) {
  return sortableColumns(board.leaderboard).map((column) =>
    boardKey.entry(board.id, column.index, sortKey(orderOf(board.leaderboard, column), row)),
  );
}

/** Reads either kind of item. */
export function parseRow(board: Board, item: Item): BoardRow {
  const { values, unscored, intervals, tasks, ...run } = storedSchema.parse(item);
  const { columns } = board.leaderboard;
  const byKey = <T>(entries: readonly (readonly [position: number, value: T])[]): Record<string, T> =>
    Object.fromEntries(
      entries.flatMap(([position, value]) => {
        const column = columns[position];
        return column === undefined ? [] : [[column.key, value]];
      }),
    );
  const scoresOf = (values: Stored["values"]): Scores =>
    Object.fromEntries(
      columns.flatMap(({ key }, position) => {
        const value = values[position];
        return value === null || value === undefined ? [] : [[key, value]];
      }),
    );
  return {
    ...run,
    scores: scoresOf(values),
    unscored: byKey(unscored),
    ...(intervals && { intervals: byKey(intervals) }),
    tasks: tasks.map(({ index, values }) => ({ index, scores: scoresOf(values) })),
  };
}

function encode(board: Board, row: BoardRow): { [attribute: string]: Json } {
  const { columns } = board.leaderboard;
  const valuesOf = (scores: Scores) => columns.map(({ key }) => scoreOf(scores, key) ?? null);
  const { runId, participant, name, submittedAt, version } = row;
  const intervals = columns.flatMap(({ key }, position) => {
    const interval = row.intervals && Object.hasOwn(row.intervals, key) ? row.intervals[key] : undefined;
    return interval === undefined ? [] : [[position, interval] as const];
  });
  const whole = {
    runId,
    participant,
    name,
    submittedAt,
    version,
    values: valuesOf(row.scores),
    unscored: columns.flatMap(({ key }, position) => {
      const message = Object.hasOwn(row.unscored, key) ? row.unscored[key] : undefined;
      return message === undefined ? [] : [[position, message] as const];
    }),
    ...(intervals.length > 0 && { intervals }),
    tasks: row.tasks.map(({ index, scores }) => ({ index, values: valuesOf(scores) })),
  };
  const fits = (payload: object) => Buffer.byteLength(JSON.stringify(payload)) <= maxPayloadBytes;
  const shorter = { ...whole, tasks: [] };
  return [whole, shorter].find(fits) ?? { ...shorter, unscored: [] };
}

/** What the tests of leaderboards on a real table share. */
import type { Column, SubmissionRule } from "@benchgen/core/bundle/manifest.ts";
import type { Board } from "@benchgen/core/leaderboard/board.ts";
import { mergeRun } from "@benchgen/core/leaderboard/merge.ts";
import { type BoardQuery, leaderboardPage } from "@benchgen/core/leaderboard/page.ts";
import type { BoardRow } from "@benchgen/core/leaderboard/row.ts";
import { newBoard, newColumn, newLeaderboard } from "../support/leaderboard.ts";
import type { Ports } from "@benchgen/core/ports.ts";
import type { LeaderboardRow } from "@benchgen/core/wire/api.ts";
import { createTable } from "@benchgen/local/table/table.ts";
import { temporaryDataDirectory } from "../support/data-directory.ts";

export type TablePort = Pick<Ports, "table">;

export function openPorts(): TablePort & Disposable {
  const data = temporaryDataDirectory();
  return { table: createTable(data), [Symbol.dispose]: () => data.close() };
}

export const columns: readonly Column[] = [
  newColumn(0, "accuracy"),
  newColumn(1, "loss", { sorting: "asc" }),
  newColumn(2, "secret", { hidden: true }),
];

/** @param phase tells apart boards with equal content in one table */
export function boardWith(submissionRule?: SubmissionRule, phase = 0): Board {
  const board = newBoard(newLeaderboard(columns, submissionRule === undefined ? {} : { submissionRule }));
  return { ...board, id: `${board.id}x${phase}` };
}

/** Merges a row as the run that has it would be. */
export async function merge(ports: TablePort, board: Board, row: BoardRow): Promise<boolean | undefined> {
  const { scores, runId, participant, name, submittedAt, version } = row;
  const run = { runId, participant, name, submittedAt, version };
  const unscored = Object.fromEntries(
    Object.entries(row.unscored).map(([key, message]) => [key, { code: "missing" as const, message }]),
  );
  const { rows } = await mergeRun(ports, { run, boards: [board], tasks: [{ index: 0, scores, unscored }] });
  return rows[0]?.placed;
}

/** Every row, by turning pages. */
export async function readAll(
  ports: TablePort,
  board: Board,
  query: Partial<BoardQuery> = {},
): Promise<LeaderboardRow[]> {
  const rows: LeaderboardRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await leaderboardPage(ports, board, { limit: 500, ...query, cursor });
    rows.push(...page.rows);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return rows;
}

export async function shownRuns(ports: TablePort, board: Board): Promise<string[]> {
  return (await readAll(ports, board)).map(({ runId }) => runId);
}

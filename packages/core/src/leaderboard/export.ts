/** The whole board as a file, in its own order, written while it is read: memory does not grow with it. */
import type { Ports } from "../ports.ts";
import { scoreOf } from "../score/score.ts";
import type { LeaderboardRow } from "../wire/api.ts";
import type { Board } from "./board.ts";
import { csvRecord } from "./csv.ts";
import { leaderboardPage, maxPageRows, requireVisible } from "./page.ts";

export interface ExportOptions {
  readonly includeHidden?: boolean;
}

/**
 * CSV with a header: rank, run, name, participant, submitted_at, version; every column by its key; and, where the
 * phase has several tasks, every column per task as `task 0: accuracy`. Full precision; unscored is an empty cell.
 * @throws NotFound for a hidden board, at once and not while it is read
 */
export function exportCsv(
  ports: Pick<Ports, "table">,
  board: Board,
  options: ExportOptions = {},
): AsyncIterable<string> {
  requireVisible(board, options);
  return csvRecords(ports, board, options);
}

/**
 * A JSON array with an object per row, one a line, as `leaderboardPage` gives them.
 * @throws NotFound for a hidden board, at once and not while it is read
 */
export function exportJson(
  ports: Pick<Ports, "table">,
  board: Board,
  options: ExportOptions = {},
): AsyncIterable<string> {
  requireVisible(board, options);
  return jsonElements(ports, board, options);
}

async function* csvRecords(
  ports: Pick<Ports, "table">,
  board: Board,
  options: ExportOptions,
): AsyncGenerator<string> {
  const keys = board.leaderboard.columns
    .filter(({ hidden }) => !hidden || options.includeHidden === true)
    .map(({ key }) => key);
  const tasks = board.tasks.length > 1 ? board.tasks : [];
  const perTask = tasks.flatMap((task) => keys.map((key) => ({ task, key })));
  const names = perTask.map(({ task, key }) => `task ${task}: ${key}`);
  yield csvRecord(["rank", "run", "name", "participant", "submitted_at", "version", ...keys, ...names]);
  for await (const row of allRows(ports, board, options)) {
    const { rank, runId, name, participant, submittedAt, version } = row;
    const values = keys.map((key) => scoreOf(row.scores, key));
    const taskValues = perTask.map(({ task, key }) => scoreOf(row.taskScores[String(task)] ?? {}, key));
    yield csvRecord([rank, runId, name, participant, submittedAt, version, ...values, ...taskValues]);
  }
}

async function* jsonElements(
  ports: Pick<Ports, "table">,
  board: Board,
  options: ExportOptions,
): AsyncGenerator<string> {
  let before = "[\n";
  for await (const row of allRows(ports, board, options)) {
    yield before + JSON.stringify(row);
    before = ",\n";
  }
  yield before === ",\n" ? "\n]\n" : "[]\n";
}

async function* allRows(
  ports: Pick<Ports, "table">,
  board: Board,
  { includeHidden }: ExportOptions,
): AsyncGenerator<LeaderboardRow> {
  let cursor: string | undefined;
  do {
    const page = await leaderboardPage(ports, board, { cursor, limit: maxPageRows, includeHidden });
    yield* page.rows;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

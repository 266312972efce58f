/** From finished runs to rows. Idempotent, in any order, any number at once; each board in one atomic write. */
import type { Ports, Table, WriteOperation } from "../ports.ts";
import { toAttributes } from "../record/record.ts";
import type { TaskScores } from "../score/score.ts";
import { scoreRun } from "../score/score-run.ts";
import type { CaseReport } from "../wire/report.ts";
import type { Board } from "./board.ts";
import { boardKey } from "./key.ts";
import { conflict, untilUncontended } from "./retry.ts";
import { type BoardRow, type BoardRun, rowItem, toRow } from "./row.ts";
import { type Rule, isPreferred, preferenceKey, ruleOf } from "./rule.ts";
import { changeStanding, countCandidate, moveRow, readPlaced, readRow, showEntries } from "./standing.ts";

export interface MergeEntry {
  readonly run: BoardRun;
  /** Those of the run's version and phase: `boardsOf`. */
  readonly boards: readonly Board[];
  /** What the scoring programs wrote. */
  readonly tasks: readonly TaskScores[];
  /** What the run's cases come to, where it reported any. */
  readonly report?: CaseReport | undefined;
}

export interface MergedRow {
  readonly boardId: string;
  /** The leaderboard's key. */
  readonly leaderboard: string;
  /** Whether the board shows it now. Under a rule by which the participant chooses, merging shows nothing. */
  readonly placed: boolean;
}

/**
 * Puts a run that succeeded on its boards, by each board's rule. A board on which no column of the run has a value
 * gets no row: it belongs to other tasks. Repeating it changes nothing; a run that was removed stays removed.
 * Under `Add`, `Add_And_Delete` and `Add_And_Delete_Multiple` the run becomes one the participant may choose
 * (`addToBoard`), as upstream.
 * @throws PlatformFault when the table is contended beyond all patience; merging again is safe
 */
export async function mergeRun(
  ports: Pick<Ports, "table">,
  { run, boards, tasks, report }: MergeEntry,
): Promise<{ readonly rows: readonly MergedRow[] }> {
  const scores = scoreRun(
    boards.map(({ leaderboard }) => leaderboard),
    tasks,
  );
  const rows: MergedRow[] = [];
  for (const [position, board] of boards.entries()) {
    const boardScores = scores[position];
    const row = boardScores && toRow(run, boardScores, report);
    if (row === undefined || !hasScore(row)) continue;
    const placed = await mergeRow(ports.table, board, row);
    if (placed !== undefined) rows.push({ boardId: board.id, leaderboard: board.leaderboard.key, placed });
  }
  return { rows };
}

function hasScore(row: BoardRow): boolean {
  return [row, ...row.tasks].some(({ scores }) => Object.keys(scores).length > 0);
}

/** Whether the board shows the row now; undefined when the run was removed. */
async function mergeRow(table: Table, board: Board, row: BoardRow): Promise<boolean | undefined> {
  await registerBoard(table, board);
  return untilUncontended(async () => {
    const merged = await readRow(table, board, row.runId);
    if (merged !== undefined) return merged.placed;
    if ((await table.get(boardKey.removed(row.runId))) !== undefined) return undefined;
    const plan = await planMerge(table, board, row);
    if (plan === conflict) return conflict;
    await table.write([
      { kind: "put", item: rowItem(board, row, plan.placed), conditions: [{ kind: "absent" }] },
      { kind: "check", key: boardKey.removed(row.runId), conditions: [{ kind: "absent" }] },
      ...plan.operations,
    ]);
    return plan.placed;
  });
}

interface MergePlan {
  readonly placed: boolean;
  readonly operations: readonly WriteOperation[];
}

async function planMerge(table: Table, board: Board, row: BoardRow): Promise<MergePlan | typeof conflict> {
  const rule = ruleOf(board);
  if (rule.kind === "chosen") return { placed: false, operations: [] };
  if (rule.kind === "every") return { placed: true, operations: showEntries(board, row) };
  return planKept(table, board, row, rule);
}

/** One run a participant. Those that lose stay candidates: a moderator may remove the one that won. */
async function planKept(
  table: Table,
  board: Board,
  row: BoardRow,
  { run }: Extract<Rule, { kind: "kept" }>,
): Promise<MergePlan | typeof conflict> {
  const { participant, runId } = row;
  const seen = await readPlaced(table, board, participant);
  if (seen === conflict) return conflict;
  const { standing, current } = seen;
  const key = boardKey.candidate(board.id, participant, preferenceKey(board, run, row));
  const candidate: WriteOperation = { kind: "put", item: { ...key, runId } };
  if (current !== undefined && !isPreferred(board, run, row, current)) {
    return { placed: false, operations: [candidate, countCandidate(board, participant, standing)] };
  }
  return {
    placed: true,
    operations: [
      candidate,
      changeStanding(board, participant, standing, { placed: runId, candidates: 1 }),
      ...showEntries(board, row),
      ...(current === undefined ? [] : moveRow(board, current, false)),
    ],
  };
}

/** Keeps what the board is, for whoever must take a run off it and knows only the run. */
async function registerBoard(table: Table, board: Board): Promise<void> {
  const key = boardKey.board(board.id);
  // Written once per board as good as always; twice at worst, with equal content but for titles.
  if ((await table.get(key)) !== undefined) return;
  await table.write([{ kind: "put", item: { ...key, ...toAttributes({ board }) } }]);
}

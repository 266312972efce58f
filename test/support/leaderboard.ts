/** Records of leaderboards for tests and benchmarks. */
import type { Column, FileMap, Leaderboard, Manifest, Task } from "@benchgen/core/bundle/manifest.ts";
import { type Board, boardsOf } from "@benchgen/core/leaderboard/board.ts";
import type { BoardRow } from "@benchgen/core/leaderboard/row.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import { columnRecord, leaderboardRecord, manifestRecord, taskRecord } from "./manifest.ts";

export const newColumn = (index: number, key: string, change: Partial<Column> = {}): Column =>
  columnRecord({ index, key, title: key, ...change });

export const newLeaderboard = (columns: readonly Column[], change: Partial<Leaderboard> = {}): Leaderboard =>
  leaderboardRecord({ key: "results", columns, ...change });

export const newTask = (index: number, change: Partial<Task> = {}): Task =>
  taskRecord({ index, name: `Task ${index}`, ...change });

export const newManifest = (leaderboards: readonly Leaderboard[], change: Partial<Manifest> = {}): Manifest =>
  manifestRecord({ leaderboards, ...change });

/** What the tasks of these records name. */
export const files: FileMap = {
  scoring_program: { kind: "directory", sha256: "5c".repeat(32), size: 1 },
  reference_data: { kind: "directory", sha256: "4e".repeat(32), size: 1 },
};

export const environmentId = "env_01jd0c2v5w8x9y0z1a2b3c4d5e";

export function newBoard(leaderboard: Leaderboard): Board {
  const [board] = boardsOf({ environmentId, files, manifest: newManifest([leaderboard]) }, 0);
  if (board === undefined) throw new Error("a manifest with a leaderboard has a board");
  return board;
}

/** A run id that sorts by its number. */
export function runId(number: number): RunId {
  return `run_01jd${String(number).padStart(22, "0")}`;
}

/** Submitted `number` seconds into 2026. */
export function newRow(number: number, scores: BoardRow["scores"], change: Partial<BoardRow> = {}): BoardRow {
  return {
    runId: runId(number),
    participant: "ada",
    name: `run ${number}`,
    submittedAt: new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString(),
    version: 1,
    scores,
    unscored: {},
    tasks: [{ index: 0, scores }],
    ...change,
  };
}

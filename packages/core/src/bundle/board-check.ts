/** The relations between a leaderboard's columns. */
import type { Checked } from "./check.ts";
import { checkUnique, listed, where } from "./check.ts";
import type { Competition } from "./competition-schema.ts";
import type { Partially } from "./schema-finding.ts";
import type { YamlPath } from "./yaml-document.ts";

export type Board = NonNullable<Competition["leaderboard"]>[number];
type Column = Partially<Board["columns"][number]>;

/** The leaderboards, under whichever of the two names, with the path of each. */
export function boardsOf<C extends Partially<Competition>>(
  competition: C,
): { board: NonNullable<NonNullable<C["leaderboard"]>[number]>; path: YamlPath }[] {
  const name = competition.leaderboard === undefined ? "leaderboards" : "leaderboard";
  const boards = (competition[name] ?? []) as readonly NonNullable<NonNullable<C["leaderboard"]>[number]>[];
  return boards.flatMap((board, position) =>
    board === undefined ? [] : [{ board, path: [name, position] }],
  );
}

/** Indexes and keys that repeat, a ranking column that is missing, computations that lead nowhere. */
export function checkBoard(checked: Checked, board: Partially<Board>, path: YamlPath): void {
  const columns = board.columns ?? [];
  const at = (position: number, field: string): YamlPath => [...path, "columns", position, field];
  const indexes = columns.map((column) => column?.index);
  checkUnique(checked, indexes, (position) => at(position, "index"), "column index");
  const keys = columns.map((column) => column?.key);
  checkUnique(checked, keys, (position) => at(position, "key"), "column key");
  // Where an index could not be read, any reference may be to that column.
  if (columns.length === 0 || indexes.includes(undefined)) return;
  const primary = board.primary_index ?? 0;
  if (!indexes.includes(primary)) {
    checked.findings.error("manifest.column_unknown", {
      message: `The leaderboard ranks by column ${primary}, and has none with that index.`,
      ...where(checked, [...path, "primary_index"]),
      hint: `Write \`primary_index: ${indexes[0]}\`, or give a column the index ${primary}.`,
    });
  }
  columns.forEach((column, position) => {
    if (column !== undefined) checkComputation(checked, column, indexes, (field) => at(position, field));
  });
  checkCycles(checked, columns, (position) => at(position, "computation_indexes"));
}

function checkComputation(
  checked: Checked,
  column: Column,
  indexes: readonly (number | undefined)[],
  at: (field: string) => YamlPath,
): void {
  const { findings } = checked;
  const sources = column.computation_indexes ?? [];
  if (column.computation === undefined) {
    if (sources.length === 0) return;
    findings.warning("manifest.computation_missing", {
      message: `Column ${column.index} lists computation_indexes and no computation: its score is read, not computed.`,
      ...where(checked, at("computation_indexes")),
      hint: "Add `computation: avg` (or sum, min, max), or remove computation_indexes.",
    });
    return;
  }
  if (sources.length === 0) {
    findings.error("manifest.computation_indexes_missing", {
      message: `Column ${column.index} is computed from no columns.`,
      ...where(checked, at("computation")),
      hint: "Add `computation_indexes: [1, 2]` with the index of each column to compute from.",
    });
  }
  for (const source of sources) {
    // One that is no number has been said to be none.
    if (source === undefined || (source !== column.index && indexes.includes(source))) continue;
    findings.error("manifest.column_unknown", {
      message:
        source === column.index
          ? `Column ${column.index} is computed from itself.`
          : `Column ${column.index} is computed from column ${source}, which does not exist.`,
      ...where(checked, at("computation_indexes")),
      hint: `The columns are ${listed(indexes)}.`,
    });
  }
}

/** Columns computed from columns that are computed from them never get a value. */
function checkCycles(
  checked: Checked,
  columns: readonly (Column | undefined)[],
  at: (position: number) => YamlPath,
): void {
  const sources = new Map(
    columns.map((column) => [
      column?.index,
      column?.computation === undefined ? [] : (column.computation_indexes ?? []),
    ]),
  );
  columns.forEach((column, position) => {
    const reached = new Set<number | undefined>();
    const queue = (sources.get(column?.index) ?? []).filter((source) => source !== column?.index);
    while (queue.length > 0) {
      const next = queue.pop();
      if (reached.has(next)) continue;
      reached.add(next);
      queue.push(...(sources.get(next) ?? []));
    }
    if (!reached.has(column?.index)) return;
    checked.findings.error("manifest.computation_cycle", {
      message: `Column ${column?.index} is computed from columns that are computed from it.`,
      ...where(checked, at(position)),
      hint: "Compute from columns the scoring program writes.",
    });
  });
}

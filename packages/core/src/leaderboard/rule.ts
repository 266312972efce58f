/** What each `submission_rule` means. Rules apply to whole runs, never to one task of a run. */
import type { SubmissionRule } from "../bundle/manifest.ts";
import type { Board } from "./board.ts";
import { orderOf } from "./order.ts";
import type { BoardRow } from "./row.ts";
import { sortKey, submissionKey } from "./sort-key.ts";

/**
 * `every`: each merged run is a row. `kept`: each participant has one row, the best or last of their runs. `chosen`:
 * merging shows nothing; the participant puts runs on the board, one that replaces another, or several.
 */
export type Rule =
  | { readonly kind: "every" }
  | { readonly kind: "kept"; readonly run: "best" | "last" }
  | { readonly kind: "chosen"; readonly several: boolean; readonly removable: boolean };

const rules: Readonly<Record<SubmissionRule, Rule>> = {
  Add: { kind: "chosen", several: false, removable: false },
  Add_And_Delete: { kind: "chosen", several: false, removable: true },
  Add_And_Delete_Multiple: { kind: "chosen", several: true, removable: true },
  Force_Last: { kind: "kept", run: "last" },
  Force_Latest_Multiple: { kind: "every" },
  Force_Best: { kind: "kept", run: "best" },
};

/** The board's rule. None is a benchmark of models: every successful run is a row. */
export function ruleOf({ leaderboard }: Board): Rule {
  return leaderboard.submissionRule === undefined ? { kind: "every" } : rules[leaderboard.submissionRule];
}

/** Text that orders a participant's runs by a `kept` rule. The best is the smallest, the last submitted the greatest. */
export function preferenceKey(board: Board, run: "best" | "last", row: BoardRow): string {
  return run === "best" ? sortKey(orderOf(board.leaderboard), row) : submissionKey(row);
}

/** Whether the participant stands with `row` rather than with `other`. */
export function isPreferred(board: Board, run: "best" | "last", row: BoardRow, other: BoardRow): boolean {
  const [key, otherKey] = [preferenceKey(board, run, row), preferenceKey(board, run, other)];
  return run === "best" ? key < otherKey : key > otherKey;
}

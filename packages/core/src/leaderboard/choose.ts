/** What a participant may do under the rules that leave the choice to them. */
import { Conflict, NotFound } from "../error.ts";
import type { Ports, Table, WriteOperation } from "../ports.ts";
import type { RunId } from "../wire/id.ts";
import type { Board } from "./board.ts";
import { conflict, untilUncontended } from "./retry.ts";
import type { BoardRow } from "./row.ts";
import { type Rule, ruleOf } from "./rule.ts";
import { changeStanding, moveRow, readPlaced, readRow, readStanding } from "./standing.ts";

export interface Choice {
  readonly board: Board;
  readonly runId: RunId;
  /** Whose choice it is: another one's run is not found. */
  readonly participant: string;
}

/**
 * Shows a merged run. Under `Add` and `Add_And_Delete` it takes the place of the participant's other run. Showing what
 * is shown changes nothing.
 * @throws NotFound when the participant has no such merged run
 * @throws Conflict `leaderboard.rule_forbids` when the board's rule decides by itself
 */
export async function addToBoard(ports: Pick<Ports, "table">, choice: Choice): Promise<void> {
  const { board } = choice;
  const rule = requireChosen(board, "put on");
  await untilUncontended(async () => {
    const { row, placed } = await readOwn(ports.table, choice);
    if (placed) return undefined;
    const others = rule.several ? [] : await planReplacement(ports.table, board, row);
    if (others === conflict) return conflict;
    await ports.table.write([...others, ...moveRow(board, row, true)]);
    return undefined;
  });
}

/** The participant stands with this row, and no longer with another. */
async function planReplacement(
  table: Pick<Table, "get">,
  board: Board,
  row: BoardRow,
): Promise<WriteOperation[] | typeof conflict> {
  const seen = await readPlaced(table, board, row.participant);
  if (seen === conflict) return conflict;
  return [
    changeStanding(board, row.participant, seen.standing, { placed: row.runId }),
    ...(seen.current === undefined ? [] : moveRow(board, seen.current, false)),
  ];
}

/**
 * Takes a run off the board; it can be put on again. Taking off what is not on it changes nothing.
 * @throws NotFound when the participant has no such merged run
 * @throws Conflict `leaderboard.rule_forbids` unless the rule is `Add_And_Delete` or `Add_And_Delete_Multiple`
 */
export async function removeFromBoard(ports: Pick<Ports, "table">, choice: Choice): Promise<void> {
  const { board } = choice;
  const rule = requireChosen(board, "taken off");
  if (!rule.removable) throw forbidden(board, "taken off");
  await untilUncontended(async () => {
    const { row, placed } = await readOwn(ports.table, choice);
    if (!placed) return;
    const standing = await readStanding(ports.table, board, row.participant);
    await ports.table.write([
      ...(rule.several ? [] : [changeStanding(board, row.participant, standing, { placed: null })]),
      ...moveRow(board, row, false),
    ]);
  });
}

async function readOwn(table: Pick<Table, "get">, { board, runId, participant }: Choice) {
  const found = await readRow(table, board, runId);
  if (found === undefined || found.row.participant !== participant) {
    throw new NotFound("run to choose", runId, "A run can be put on the board once it has succeeded.");
  }
  return found;
}

function requireChosen(board: Board, what: string): Extract<Rule, { kind: "chosen" }> {
  const rule = ruleOf(board);
  if (rule.kind !== "chosen") throw forbidden(board, what);
  return rule;
}

function forbidden({ leaderboard }: Board, what: string): Conflict {
  const rule = leaderboard.submissionRule;
  return new Conflict(
    "leaderboard.rule_forbids",
    `Runs cannot be ${what} the leaderboard "${leaderboard.key}": ` +
      (rule === undefined ? "it shows every successful run." : `its rule is ${rule}.`),
  );
}

/** Which run a participant stands with, where the rule allows one; and the operations that change it. */
import * as z from "zod";
import type { Condition, Table, WriteOperation } from "../ports.ts";
import { type RunId, idSchema } from "../wire/id.ts";
import type { Board } from "./board.ts";
import { boardKey } from "./key.ts";
import { conflict } from "./retry.ts";
import { type BoardRow, entryItems, entryKeys, parseRow } from "./row.ts";

const standingSchema = z.object({
  placed: idSchema("run").nullable().default(null),
  /** Counts changes of `placed`: whoever changes it does so on the condition that no one else has. */
  revision: z.int().default(0),
  /** Counts candidates ever added: whoever looks for the next best does so on the condition that none came. */
  candidates: z.int().default(0),
});
export type Standing = z.infer<typeof standingSchema>;

export async function readStanding(
  table: Pick<Table, "get">,
  board: Board,
  participant: string,
): Promise<Standing> {
  return standingSchema.parse((await table.get(boardKey.standing(board.id, participant))) ?? {});
}

/** A merged run's row on a board, and whether the board shows it. */
export async function readRow(
  table: Pick<Table, "get">,
  board: Board,
  runId: RunId,
): Promise<{ row: BoardRow; placed: boolean } | undefined> {
  const item = await table.get(boardKey.row(board.id, runId));
  return item && { row: parseRow(board, item), placed: item["placed"] === true };
}

/**
 * The standing with the row it names. The two are read one after the other: `conflict` when a removal came between.
 */
export async function readPlaced(
  table: Pick<Table, "get">,
  board: Board,
  participant: string,
): Promise<{ standing: Standing; current: BoardRow | undefined } | typeof conflict> {
  const standing = await readStanding(table, board, participant);
  if (standing.placed === null) return { standing, current: undefined };
  const found = await readRow(table, board, standing.placed);
  return found === undefined ? conflict : { standing, current: found.row };
}

/** Changes `placed`, if nothing changed since the standing was read. */
export function changeStanding(
  board: Board,
  participant: string,
  seen: Standing,
  change: { placed: RunId | null; candidates?: number; noneAdded?: boolean },
): WriteOperation {
  return {
    kind: "update",
    key: boardKey.standing(board.id, participant),
    set: { placed: change.placed },
    add: { revision: 1, candidates: change.candidates ?? 0 },
    conditions: [
      unchanged("revision", seen.revision),
      ...(change.noneAdded === true ? [unchanged("candidates", seen.candidates)] : []),
    ],
  };
}

/** A candidate that does not change `placed`, if that did not change since the standing was read. */
export function countCandidate(board: Board, participant: string, seen: Standing): WriteOperation {
  return {
    kind: "update",
    key: boardKey.standing(board.id, participant),
    add: { candidates: 1 },
    conditions: [unchanged("revision", seen.revision)],
  };
}

function unchanged(attribute: string, count: number): Condition {
  return count === 0 ? { kind: "missing", attribute } : { kind: "equals", attribute, value: count };
}

/** Shows a row. Its row item is written beside this. */
export function showEntries(board: Board, row: BoardRow): WriteOperation[] {
  return entryItems(board, row).map((item) => ({ kind: "put", item }));
}

export function hideEntries(board: Board, row: BoardRow): WriteOperation[] {
  return entryKeys(board, row).map((key) => ({ kind: "delete", key }));
}

/** Moves a merged row onto the board or off it, if it is still where it was seen. */
export function moveRow(board: Board, row: BoardRow, placed: boolean): WriteOperation[] {
  return [
    {
      kind: "update",
      key: boardKey.row(board.id, row.runId),
      set: { placed },
      conditions: [{ kind: "equals", attribute: "placed", value: !placed }],
    },
    ...(placed ? showEntries(board, row) : hideEntries(board, row)),
  ];
}

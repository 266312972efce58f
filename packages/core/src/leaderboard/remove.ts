/** Taking a run away for good: a moderator's deletion, or a run that was cancelled while it was merged. */
import type { Item, Ports, Table, WriteOperation } from "../ports.ts";
import { type RunId, idSchema } from "../wire/id.ts";
import type { Board } from "./board.ts";
import { boardKey, boardPartition } from "./key.ts";
import { conflict, untilUncontended } from "./retry.ts";
import type { BoardRow } from "./row.ts";
import { preferenceKey, ruleOf } from "./rule.ts";
import { changeStanding, hideEntries, moveRow, readRow, readStanding } from "./standing.ts";

/**
 * Removes every row of a run, on whatever boards. Where the rule keeps one run a participant, the next best or last
 * one takes its place. A later or concurrent merge of the run does not bring it back. Removing what was never merged,
 * or was removed, is no error.
 * @throws PlatformFault when the table is contended beyond all patience; removing again is safe
 */
export async function removeRun(ports: Pick<Ports, "table">, runId: RunId): Promise<void> {
  const { table } = ports;
  // First, so that from here on no merge adds a row: it checks for this item in the write that would add it.
  await table.write([{ kind: "put", item: { ...boardKey.removed(runId) } }]);
  for (const board of await boardsWith(table, runId)) {
    await untilUncontended(() => removeRow(table, board, runId));
  }
}

async function boardsWith(table: Table, runId: RunId): Promise<Board[]> {
  // A run is on the leaderboards of one phase: one page holds them.
  const { items } = await table.query({ ...boardPartition.rowsOfRun(runId), limit: 1000 });
  return Promise.all(
    items.map(async (item) => {
      const id = item.sk.slice(boardPartition.rowsOfRun(runId).range.prefix.length);
      const registered = await table.get(boardKey.board(id));
      // Registered before its first row and never deleted.
      if (registered === undefined) throw new Error(`board ${id} is not registered`);
      return registered["board"] as unknown as Board;
    }),
  );
}

async function removeRow(table: Table, board: Board, runId: RunId): Promise<void | typeof conflict> {
  const found = await readRow(table, board, runId);
  if (found === undefined) return;
  const { row, placed } = found;
  const operations = await planStanding(table, board, row, placed);
  if (operations === conflict) return conflict;
  await table.write([
    {
      kind: "delete",
      key: boardKey.row(board.id, runId),
      conditions: [{ kind: "equals", attribute: "placed", value: placed }],
    },
    ...(placed ? hideEntries(board, row) : []),
    ...operations,
  ]);
}

async function planStanding(
  table: Table,
  board: Board,
  row: BoardRow,
  placed: boolean,
): Promise<WriteOperation[] | typeof conflict> {
  const rule = ruleOf(board);
  const { participant } = row;
  if (rule.kind === "every" || (rule.kind === "chosen" && (rule.several || !placed))) return [];
  const standing = await readStanding(table, board, participant);
  if (rule.kind === "chosen") return [changeStanding(board, participant, standing, { placed: null })];
  const key = boardKey.candidate(board.id, participant, preferenceKey(board, rule.run, row));
  const gone: WriteOperation = { kind: "delete", key };
  if (!placed) return [gone];
  const { items } = await table.query({
    ...boardPartition.candidates(board.id, participant),
    reverse: rule.run === "last",
    // The first is the row itself.
    limit: 2,
  });
  const nextId = items.map(runIdOf).find((id) => id !== row.runId);
  const next = nextId === undefined ? undefined : await readRow(table, board, nextId);
  if (nextId !== undefined && next === undefined) return conflict;
  return [
    gone,
    changeStanding(board, participant, standing, { placed: nextId ?? null, noneAdded: true }),
    ...(next === undefined ? [] : moveRow(board, next.row, true)),
  ];
}

function runIdOf(item: Item): RunId {
  return idSchema("run").parse(item["runId"]);
}

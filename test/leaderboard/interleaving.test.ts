/** Merges, removals and choices that overlap in every way: SQLite answers at once, so the table is made to hesitate. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { submissionRules } from "@benchgen/core/bundle/manifest.ts";
import type { Board } from "@benchgen/core/leaderboard/board.ts";
import { addToBoard, removeFromBoard } from "@benchgen/core/leaderboard/choose.ts";
import { boardKey, boardPartition } from "@benchgen/core/leaderboard/key.ts";
import { compareRows, orderOf } from "@benchgen/core/leaderboard/order.ts";
import { removeRun } from "@benchgen/core/leaderboard/remove.ts";
import type { BoardRow } from "@benchgen/core/leaderboard/row.ts";
import { ruleOf } from "@benchgen/core/leaderboard/rule.ts";
import type { Table } from "@benchgen/core/ports.ts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newRow } from "../support/leaderboard.ts";
import { type TablePort, boardWith, merge, openPorts } from "./support.ts";

/** Waits some turns of the event loop before and after each operation. */
function hesitating(table: Table, turns: () => number): Table {
  const slowly = async <T>(operation: () => Promise<T>): Promise<T> => {
    for (let left = turns(); left > 0; left--) await nextTurn();
    const result = await operation();
    for (let left = turns(); left > 0; left--) await nextTurn();
    return result;
  };
  return {
    get: (key) => slowly(() => table.get(key)),
    query: (query) => slowly(() => table.query(query)),
    scan: (scan) => slowly(() => table.scan(scan)),
    write: (operations) => slowly(() => table.write(operations)),
  };
}

const runs = 6;
const steps = ["merge", "merge again", "remove", "add", "take off"] as const;
const plans = fc.array(
  fc.record({
    participant: fc.constantFrom("ada", "ada", "ada", "bob"),
    /** Whether it was merged before the overlapping began. */
    mergedBefore: fc.boolean(),
    accuracy: fc.nat(3),
    second: fc.nat(3),
    steps: fc.uniqueArray(fc.constantFrom(...steps)),
  }),
  { minLength: 2, maxLength: runs },
);

/** What overlaps with everything else. A choice may come too early or too late, or the rule may forbid it. */
async function take(
  ports: TablePort,
  board: Board,
  row: BoardRow,
  step: (typeof steps)[number],
): Promise<void> {
  const choice = { board, runId: row.runId, participant: row.participant };
  const refused = (error: Error) => expect(["NotFound", "Conflict"]).toContain(error.name);
  if (step === "remove") await removeRun(ports, row.runId);
  else if (step === "add") await addToBoard(ports, choice).catch(refused);
  else if (step === "take off") await removeFromBoard(ports, choice).catch(refused);
  else await merge(ports, board, row);
}

describe.each(submissionRules)("under %s", (rule) => {
  test("whatever overlaps, the board is whole, follows the rule, and holds nothing that was removed", async () => {
    using steady = openPorts();
    let boards = 0;
    await fc.assert(
      fc.asyncProperty(plans, fc.infiniteStream(fc.nat(4)), async (plan, turns) => {
        const board = boardWith(rule, ++boards);
        const ports = { table: hesitating(steady.table, () => turns.next().value ?? 0) };
        const rows = plan.map(({ participant, mergedBefore, accuracy, second, steps }, number) => ({
          row: newRow(
            boards * runs + number,
            { accuracy },
            { participant, submittedAt: `2026-01-01T00:00:0${second}.000Z` },
          ),
          mergedBefore,
          steps,
        }));
        for (const { row, mergedBefore } of rows) if (mergedBefore) await merge(steady, board, row);
        await Promise.all(
          rows.flatMap(({ row, steps }) => steps.map((step) => take(ports, board, row, step))),
        );
        const merged = rows.filter(
          ({ mergedBefore, steps }) => mergedBefore || steps.some((step) => step.startsWith("merge")),
        );
        const left = merged.filter(({ steps }) => !steps.includes("remove")).map(({ row }) => row);
        await expectWhole(
          steady,
          board,
          rows.map(({ row }) => row),
          left,
        );
      }),
      { numRuns: 150 },
    );
  });
});

async function expectWhole(
  ports: TablePort,
  board: Board,
  all: readonly BoardRow[],
  left: readonly BoardRow[],
) {
  const shown = await shownBy(ports, board, 0);
  // Every order shows the same rows, and the rows know it.
  for (const { index } of board.leaderboard.columns)
    expect(await shownBy(ports, board, index)).toEqual(shown);
  for (const { runId } of all) {
    const item = await ports.table.get(boardKey.row(board.id, runId));
    expect(item !== undefined).toBe(left.some((row) => row.runId === runId));
    expect(item?.["placed"] ?? false).toBe(shown.has(runId));
  }
  const rule = ruleOf(board);
  const order = orderOf(board.leaderboard);
  for (const own of Map.groupBy(left, ({ participant }) => participant).values()) {
    const theirs = own.filter((row) => shown.has(row.runId));
    if (rule.kind === "every") expect(theirs).toEqual(own);
    else if (rule.kind === "chosen") expect(theirs.length).toBeLessThanOrEqual(rule.several ? own.length : 1);
    else {
      const preferred = own.toSorted((a, b) =>
        rule.run === "best" ? compareRows(order, a, b) : compareRows([], b, a),
      );
      expect(theirs).toEqual(preferred.slice(0, 1));
    }
  }
}

async function shownBy(ports: TablePort, board: Board, column: number): Promise<Set<unknown>> {
  const { items } = await ports.table.query({ pk: boardPartition.entries(board.id, column) });
  return new Set(items.map((item) => item["runId"]));
}

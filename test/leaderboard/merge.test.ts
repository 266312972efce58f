import { submissionRules } from "@benchgen/core/bundle/manifest.ts";
import { boardsOf } from "@benchgen/core/leaderboard/board.ts";
import { boardPartition } from "@benchgen/core/leaderboard/key.ts";
import { mergeRun } from "@benchgen/core/leaderboard/merge.ts";
import { compareRows, orderOf, rankRows } from "@benchgen/core/leaderboard/order.ts";
import { removeRun } from "@benchgen/core/leaderboard/remove.ts";
import type { BoardRow } from "@benchgen/core/leaderboard/row.ts";
import * as factory from "../support/leaderboard.ts";
import { newRow } from "../support/leaderboard.ts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boardWith, merge, openPorts, readAll, shownRuns } from "./support.ts";

const rules = [undefined, ...submissionRules];

/** What each rule shows once every row was merged, said plainly. */
function expectedRows(rule: (typeof rules)[number], rows: readonly BoardRow[]): BoardRow[] {
  const order = orderOf(boardWith(rule).leaderboard);
  const byParticipant = Map.groupBy(rows, ({ participant }) => participant).values();
  if (rule === undefined || rule === "Force_Latest_Multiple") return [...rows];
  if (rule === "Force_Best")
    return [...byParticipant].flatMap((own) => own.sort((a, b) => compareRows(order, a, b)).slice(0, 1));
  if (rule === "Force_Last")
    return [...byParticipant].flatMap((own) => own.sort((a, b) => compareRows([], b, a)).slice(0, 1));
  return [];
}

const someRows = fc
  .array(
    fc.record({
      participant: fc.constantFrom("ada", "bob"),
      minute: fc.nat(5),
      accuracy: fc.option(fc.constantFrom(0, 0.5, 1), { nil: undefined }),
      loss: fc.constantFrom(0, 1),
    }),
    { maxLength: 8 },
  )
  .map((drawn) =>
    drawn.map(({ participant, minute, accuracy, loss }, number) =>
      newRow(
        number,
        { loss, ...(accuracy !== undefined && { accuracy }) },
        { participant, submittedAt: `2026-01-01T00:0${minute}:00.000Z` },
      ),
    ),
  );
const shuffledWithRepeats = someRows.chain((rows) =>
  fc.tuple(
    fc.constant(rows),
    fc.shuffledSubarray([...rows, ...rows], { minLength: rows.length * 2 }),
    fc.subarray(rows),
  ),
);

describe.each(rules.map((rule) => ({ name: rule ?? "that every run counts", rule })))(
  "under the rule $name",
  ({ rule }) => {
    test("any order of merges, with repeats, gives the same board; and so do removals", async () => {
      using ports = openPorts();
      let boards = 0;
      await fc.assert(
        fc.asyncProperty(shuffledWithRepeats, async ([rows, merges, removed]) => {
          const board = boardWith(rule, ++boards);
          // Runs are removed from every board: each round has its own.
          const own = (row: BoardRow): BoardRow => ({
            ...row,
            runId: factory.runId(boards * 100 + Number(row.name.slice(4))),
          });
          for (const row of merges) await merge(ports, board, own(row));
          expect(await readAll(ports, board)).toMatchObject(
            rankRows(orderOf(board.leaderboard), expectedRows(rule, rows.map(own))).map(({ rank, row }) => ({
              rank,
              runId: row.runId,
              scores: row.scores,
            })),
          );
          for (const row of removed) await removeRun(ports, own(row).runId);
          for (const row of merges) await merge(ports, board, own(row));
          const left = rows.filter((row) => !removed.includes(row)).map(own);
          const shown = rankRows(orderOf(board.leaderboard), expectedRows(rule, left)).map(
            ({ row }) => row.runId,
          );
          expect(await shownRuns(ports, board)).toEqual(shown);
          for (const { index } of board.leaderboard.columns) {
            const { items } = await ports.table.query({ pk: boardPartition.entries(board.id, index) });
            expect(items).toHaveLength(shown.length);
            expect(new Set(items.map((item) => item["runId"]))).toEqual(new Set(shown));
          }
        }),
        { numRuns: 60 },
      );
    });

    test("200 concurrent merges, half of them of one participant, lose nothing", async () => {
      using ports = openPorts();
      const board = boardWith(rule);
      const rows = Array.from({ length: 200 }, (_, number) =>
        newRow(
          number,
          // Each better and later than the one before: under every rule each must replace it.
          { accuracy: number / 200, loss: number % 7 },
          { participant: number % 2 === 0 ? "ada" : `participant${number}` },
        ),
      );
      await Promise.all(rows.map((row) => merge(ports, board, row)));
      const expected = rankRows(orderOf(board.leaderboard), expectedRows(rule, rows));
      expect(await shownRuns(ports, board)).toEqual(expected.map(({ row }) => row.runId));
      expect(await readAll(ports, board, { sortBy: "loss" })).toHaveLength(expected.length);
    });

    test("merges and removals at the same time leave what was not removed", async () => {
      using ports = openPorts();
      const board = boardWith(rule);
      const rows = Array.from({ length: 60 }, (_, number) =>
        newRow(number, { accuracy: (number * 17) % 60 }, { participant: number % 3 === 0 ? "bob" : "ada" }),
      );
      const removed = rows.filter((_, number) => number % 2 === 0);
      await Promise.all([
        ...rows.map((row) => merge(ports, board, row)),
        ...removed.map(({ runId }) => removeRun(ports, runId)),
      ]);
      const left = expectedRows(
        rule,
        rows.filter((row) => !removed.includes(row)),
      );
      expect(await shownRuns(ports, board)).toEqual(
        rankRows(orderOf(board.leaderboard), left).map(({ row }) => row.runId),
      );
    });
  },
);

test("a run that was removed before it was merged stays away", async () => {
  using ports = openPorts();
  const board = boardWith();
  const row = newRow(1, { accuracy: 1 });
  await removeRun(ports, row.runId);
  expect(await merge(ports, board, row)).toBeUndefined();
  expect(await shownRuns(ports, board)).toEqual([]);
});

test("a run is a row on each leaderboard that has one of its columns, with its scores per task", async () => {
  using ports = openPorts();
  const manifest = factory.newManifest(
    [
      factory.newLeaderboard([
        factory.newColumn(0, "a"),
        factory.newColumn(1, "twice", { computation: "sum", computationIndexes: [0, 2] }),
        factory.newColumn(2, "b"),
      ]),
      factory.newLeaderboard([factory.newColumn(0, "b")], { key: "second" }),
      factory.newLeaderboard([factory.newColumn(0, "other")], { key: "third" }),
    ],
    { tasks: [factory.newTask(0), factory.newTask(4)] },
  );
  const phases = manifest.phases.map((phase) => ({ ...phase, tasks: [0, 4] }));
  const boards = boardsOf(
    { environmentId: factory.environmentId, files: factory.files, manifest: { ...manifest, phases } },
    0,
  );
  const { runId, participant, name, submittedAt, version } = newRow(1, {});
  const missing = (key: string) => ({ [key]: { code: "missing" as const, message: `no ${key}` } });
  const { rows } = await mergeRun(ports, {
    run: { runId, participant, name, submittedAt, version },
    boards,
    tasks: [
      { index: 4, scores: { a: 1 }, unscored: { ...missing("b"), ...missing("other") } },
      { index: 0, scores: { a: 0, b: 0.5 }, unscored: missing("other") },
    ],
  });
  expect(rows.map(({ leaderboard, placed }) => [leaderboard, placed])).toEqual([
    ["results", true],
    ["second", true],
  ]);
  const [results, second, third] = boards;
  expect(await readAll(ports, results!)).toEqual([
    {
      rank: 1,
      runId,
      participant,
      name,
      submittedAt,
      version,
      scores: { a: 0.5, twice: 1, b: 0.5 },
      unscored: {},
      taskScores: { "0": { a: 0, twice: 0.5, b: 0.5 }, "4": { a: 1, twice: 1 } },
    },
  ]);
  expect(await readAll(ports, second!)).toMatchObject([{ scores: { b: 0.5 } }]);
  expect(await readAll(ports, third!)).toEqual([]);
});

test("the widest board and the fullest row still fit one write, also when one row replaces another", async () => {
  using ports = openPorts();
  const columns = Array.from({ length: 120 }, (_, index) => factory.newColumn(index, `column_${index}`));
  const board = factory.newBoard(factory.newLeaderboard(columns, { submissionRule: "Force_Best" }));
  const scores = (value: number) => Object.fromEntries(columns.map(({ key }) => [key, value + Math.PI]));
  for (const number of [1, 2]) {
    const { runId, participant, name, submittedAt, version } = newRow(number, {});
    const tasks = Array.from({ length: 200 }, (_, index) => ({
      index,
      scores: scores(number),
      unscored: {},
    }));
    const run = { runId, participant, name, submittedAt, version };
    expect((await mergeRun(ports, { run, boards: [board], tasks })).rows).toMatchObject([{ placed: true }]);
  }
  const [row, ...others] = await readAll(ports, board, { sortBy: "column_46" });
  expect(others).toEqual([]);
  expect(row?.runId).toBe(factory.runId(2));
  expect(row?.taskScores).toEqual({});
});

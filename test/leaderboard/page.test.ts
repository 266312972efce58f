import { leaderboardPage } from "@benchgen/core/leaderboard/page.ts";
import { compareRows, compareScores, orderOf, rankRows } from "@benchgen/core/leaderboard/order.ts";
import { removeRun } from "@benchgen/core/leaderboard/remove.ts";
import type { BoardRow } from "@benchgen/core/leaderboard/row.ts";
import { newBoard, newLeaderboard, newRow, runId } from "../support/leaderboard.ts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boardWith, columns, merge, openPorts, readAll } from "./support.ts";

const value = fc.option(fc.constantFrom(-1, -0, 0, 0.5, 1e9), { nil: undefined });
const someRows = fc
  .array(fc.record({ accuracy: value, loss: value, secret: fc.constantFrom(0, 1) }), { maxLength: 12 })
  .map((drawn) =>
    drawn.map((scores, number) =>
      newRow(
        number,
        Object.fromEntries(
          Object.entries(scores).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
        ),
      ),
    ),
  );

/** The same listing by sorting in memory. */
function naive(rows: readonly BoardRow[], by: string, direction: "asc" | "desc") {
  const { leaderboard } = boardWith();
  const column = columns.find(({ key }) => key === by)!;
  const order = orderOf(leaderboard, column);
  if (direction === column.sorting) return rankRows(order, rows).map(({ rank, row }) => [rank, row.runId]);
  const absent = ({ scores }: BoardRow) => scores[by] === undefined;
  const listed = rows.toSorted((a, b) => {
    if (absent(a) !== absent(b)) return absent(a) ? 1 : -1;
    return absent(a) ? compareRows(order, a, b) : compareRows(order, b, a);
  });
  return listed.map((row) => [
    1 + listed.findIndex((other) => compareScores(order, other, row) === 0),
    row.runId,
  ]);
}

test("pages of any size, by any column, in either direction, are the sorted and ranked rows", async () => {
  using ports = openPorts();
  let boards = 0;
  await fc.assert(
    fc.asyncProperty(someRows, fc.integer({ min: 1, max: 5 }), async (rows, limit) => {
      const board = boardWith(undefined, ++boards);
      for (const row of rows) await merge(ports, board, row);
      for (const { key } of columns) {
        for (const direction of ["asc", "desc"] as const) {
          const listed = await readAll(ports, board, { sortBy: key, direction, limit, includeHidden: true });
          expect(listed.map(({ rank, runId }) => [rank, runId])).toEqual(naive(rows, key, direction));
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("the default is the board's own order, and the page says so", async () => {
  using ports = openPorts();
  const board = boardWith();
  await merge(ports, board, newRow(1, { accuracy: 0.5 }));
  await merge(ports, board, newRow(2, { accuracy: 0.7 }));
  const page = await leaderboardPage(ports, board, { limit: 1 });
  expect(page).toMatchObject({
    rows: [{ rank: 1, runId: runId(2) }],
    sortedBy: { column: "accuracy", direction: "desc" },
  });
  const next = await leaderboardPage(ports, board, { limit: 1, cursor: page.cursor });
  expect(next.rows).toMatchObject([{ rank: 2, runId: runId(1) }]);
  expect(next.cursor).toBeUndefined();
});

test("ranks run on across pages that cut through a tie", async () => {
  using ports = openPorts();
  const board = boardWith();
  for (const number of [1, 2, 3, 4]) await merge(ports, board, newRow(number, { accuracy: 1, loss: 0 }));
  await merge(ports, board, newRow(5, { accuracy: 0.5 }));
  const rows = await readAll(ports, board, { limit: 2 });
  expect(rows.map(({ rank }) => rank)).toEqual([1, 1, 1, 1, 5]);
});

describe("hidden", () => {
  const secretBoard = newBoard(newLeaderboard(columns, { hidden: true, primaryIndex: 2, key: "secret" }));

  test("boards do not exist for those who may not see them", async () => {
    using ports = openPorts();
    await merge(ports, secretBoard, newRow(1, { secret: 1 }));
    await expect(leaderboardPage(ports, secretBoard, { limit: 1 })).rejects.toMatchObject({
      name: "NotFound",
    });
    expect(await readAll(ports, secretBoard, { includeHidden: true })).toHaveLength(1);
  });

  test("columns are neither shown nor sorted by, and no cursor holds their values", async () => {
    using ports = openPorts();
    const board = newBoard(newLeaderboard(columns, { primaryIndex: 2 }));
    for (const number of [1, 2]) await merge(ports, board, newRow(number, { secret: number, accuracy: 0.5 }));
    const page = await leaderboardPage(ports, board, { limit: 1 });
    expect(page.rows).toMatchObject([
      { runId: runId(2), scores: { accuracy: 0.5 }, taskScores: { "0": { accuracy: 0.5 } } },
    ]);
    expect(JSON.stringify(page.rows)).not.toContain("secret");
    expect(Object.keys(JSON.parse(Buffer.from(page.cursor!, "base64url").toString()))).toEqual([
      "by",
      "direction",
      "run",
      "position",
      "rank",
    ]);
    await expect(leaderboardPage(ports, board, { limit: 1, sortBy: "secret" })).rejects.toMatchObject({
      code: "leaderboard.column_unknown",
      hint: "Its columns are: accuracy, loss.",
    });
  });
});

test("a row tells why a column has no value", async () => {
  using ports = openPorts();
  await merge(ports, boardWith(), newRow(1, { accuracy: 1 }, { unscored: { loss: "It was not written." } }));
  const [row] = await readAll(ports, boardWith());
  expect(row?.scores).toEqual({ accuracy: 1 });
  expect(row?.unscored).toEqual({ loss: "It was not written." });
});

test.each([
  [{ sortBy: "nothing" }, "leaderboard.column_unknown"],
  [{ limit: 0 }, "limit_invalid"],
  [{ limit: 501 }, "limit_invalid"],
  [{ limit: 1.5 }, "limit_invalid"],
  [{ cursor: "nonsense" }, "cursor_invalid"],
])("refuses %j", async (query, code) => {
  using ports = openPorts();
  await expect(leaderboardPage(ports, boardWith(), { limit: 10, ...query })).rejects.toMatchObject({
    name: "InvalidInput",
    code,
  });
});

test("a cursor whose row was removed for good is refused, one whose row was replaced goes on", async () => {
  using ports = openPorts();
  const board = boardWith("Force_Best");
  for (const number of [1, 2, 3]) {
    await merge(ports, board, newRow(number, { accuracy: number }, { participant: `p${number}` }));
  }
  const { cursor } = await leaderboardPage(ports, board, { limit: 1 });
  await merge(ports, board, newRow(4, { accuracy: 4 }, { participant: "p3" }));
  const next = await leaderboardPage(ports, board, { limit: 1, cursor });
  expect(next.rows).toMatchObject([{ rank: 2, runId: runId(2) }]);
  await removeRun(ports, runId(3));
  await expect(leaderboardPage(ports, board, { limit: 1, cursor })).rejects.toMatchObject({
    code: "cursor_invalid",
  });
});

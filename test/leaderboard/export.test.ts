import { exportCsv, exportJson } from "@benchgen/core/leaderboard/export.ts";
import { newBoard, newLeaderboard, newRow, runId } from "../support/leaderboard.ts";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { boardWith, columns, merge, openPorts, readAll } from "./support.ts";

test("CSV has ranks, full precision, empty cells for what is unscored, and no formulas", async () => {
  using ports = openPorts();
  await merge(ports, boardWith(), newRow(1, { accuracy: 0.1 + 0.2, secret: 1 }, { name: '=HYPERLINK("x")' }));
  await merge(
    ports,
    boardWith(),
    newRow(2, { accuracy: -1.5, loss: 2 }, { name: "naïve, really", version: 3 }),
  );
  expect(await text(exportCsv(ports, boardWith()))).toBe(
    [
      "rank,run,name,participant,submitted_at,version,accuracy,loss",
      `1,${runId(1)},"'=HYPERLINK(""x"")",ada,2026-01-01T00:00:01.000Z,1,0.30000000000000004,`,
      `2,${runId(2)},"naïve, really",ada,2026-01-01T00:00:02.000Z,3,-1.5,2`,
      "",
    ].join("\r\n"),
  );
});

test("CSV has the scores of each task where there are several", async () => {
  using ports = openPorts();
  const board = { ...boardWith(), tasks: [0, 7] };
  await merge(ports, board, newRow(1, { accuracy: 1 }));
  expect((await text(exportCsv(ports, board, { includeHidden: true }))).split("\r\n")).toEqual([
    "rank,run,name,participant,submitted_at,version,accuracy,loss,secret," +
      "task 0: accuracy,task 0: loss,task 0: secret,task 7: accuracy,task 7: loss,task 7: secret",
    `1,${runId(1)},run 1,ada,2026-01-01T00:00:01.000Z,1,1,,,1,,,,,`,
    "",
  ]);
});

test("JSON is an array of the rows, also of more than a page and of none", async () => {
  using ports = openPorts();
  const board = boardWith();
  expect(JSON.parse(await text(exportJson(ports, board)))).toEqual([]);
  for (let number = 0; number < 503; number++)
    await merge(ports, board, newRow(number, { accuracy: number }));
  expect(JSON.parse(await text(exportJson(ports, board)))).toEqual(await readAll(ports, board));
});

test("a hidden board is not exported to those who may not see it", () => {
  using ports = openPorts();
  const board = newBoard(newLeaderboard(columns, { hidden: true }));
  expect(() => exportCsv(ports, board)).toThrow('There is no leaderboard "results".');
  expect(() => exportJson(ports, board)).toThrow('There is no leaderboard "results".');
});

import { expect, it } from "vitest";
import { newBoard, newColumn, newLeaderboard, newRow } from "../../../../test/support/leaderboard.ts";
import { parseRow, rowItem } from "./row.ts";

it("a row is read as it was stored, whatever its columns are called", () => {
  const columns = ["accuracy", "constructor", "__proto__"].map((key, index) => newColumn(index, key));
  const board = newBoard(newLeaderboard(columns));
  const row = newRow(
    1,
    { accuracy: 0.8 },
    {
      intervals: { accuracy: { low: 0.5, high: 0.9, method: "wilson" } },
      unscored: { ["__proto__"]: "none" },
    },
  );
  const stored: unknown = JSON.parse(JSON.stringify(rowItem(board, row, true)));
  expect(parseRow(board, stored as Parameters<typeof parseRow>[1])).toEqual(row);
});

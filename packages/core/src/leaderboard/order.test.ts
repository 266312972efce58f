import { describe, expect, test } from "vitest";
import {
  compareRows,
  maxSortableColumns,
  orderOf,
  primaryColumn,
  rankRows,
  sortableColumns,
} from "./order.ts";
import { newColumn, newLeaderboard, newRow } from "../../../../test/support/leaderboard.ts";

const accuracy = newColumn(0, "accuracy");
const loss = newColumn(1, "loss", { sorting: "asc" });
const secret = newColumn(2, "secret", { hidden: true });
const board = newLeaderboard([accuracy, loss, secret]);
const ranks = (...scores: Record<string, number>[]) =>
  rankRows(
    orderOf(board),
    scores.map((score, number) => newRow(number, score)),
  ).map(({ rank, row }) => [rank, row.name]);

describe("the order", () => {
  test("is the primary column, then the other visible ones by index", () => {
    expect(orderOf(board)).toEqual([accuracy, loss]);
    expect(orderOf({ ...board, primaryIndex: 1 })).toEqual([loss, accuracy]);
  });

  test("begins with the primary column even when it is hidden", () => {
    expect(orderOf({ ...board, primaryIndex: 2 })).toEqual([secret, accuracy, loss]);
  });

  test("begins with the first visible column when primary_index names none", () => {
    expect(primaryColumn(newLeaderboard([secret, loss], { primaryIndex: 7 }))).toBe(loss);
    expect(primaryColumn(newLeaderboard([secret], { primaryIndex: 7 }))).toBe(secret);
  });

  test("by a column puts it before the board's own", () => {
    expect(orderOf(board, loss)).toEqual([loss, accuracy]);
    expect(orderOf(board, secret)).toEqual([secret, accuracy, loss]);
  });

  test("can be by any column of a board of usual width, hidden ones last", () => {
    expect(sortableColumns({ ...board, primaryIndex: 1 })).toEqual([loss, accuracy, secret]);
    const wide = Array.from({ length: 60 }, (_, index) => newColumn(index, `c${index}`));
    expect(sortableColumns(newLeaderboard(wide, { primaryIndex: 59 }))).toHaveLength(maxSortableColumns);
    expect(maxSortableColumns).toBe(47);
  });
});

describe("ranking", () => {
  test("goes by each column in its own direction", () => {
    expect(ranks({ accuracy: 0.5, loss: 1 }, { accuracy: 0.9, loss: 2 }, { accuracy: 0.9, loss: 1 })).toEqual(
      [
        [1, "run 2"],
        [2, "run 1"],
        [3, "run 0"],
      ],
    );
  });

  test("gives equal rows equal rank, earlier submissions first, and the next row its position", () => {
    expect(ranks({ accuracy: 1 }, { accuracy: 0 }, { accuracy: 1 })).toEqual([
      [1, "run 0"],
      [1, "run 2"],
      [3, "run 1"],
    ]);
  });

  test("puts absent values last, whichever the direction", () => {
    expect(ranks({ loss: 1 }, { accuracy: -5, loss: 9 })).toEqual([
      [1, "run 1"],
      [2, "run 0"],
    ]);
    expect(ranks({ accuracy: 1 }, { accuracy: 1, loss: 1e9 })).toEqual([
      [1, "run 1"],
      [2, "run 0"],
    ]);
  });

  test("uses full precision, not what is displayed", () => {
    expect(ranks({ accuracy: 0.9 }, { accuracy: 0.9 + Number.EPSILON })).toEqual([
      [1, "run 1"],
      [2, "run 0"],
    ]);
  });

  test("does not look at hidden columns", () => {
    expect(ranks({ accuracy: 1, secret: 1 }, { accuracy: 1, secret: 2 }).map(([rank]) => rank)).toEqual([
      1, 1,
    ]);
  });

  test("tells apart runs submitted at the same time by their ids", () => {
    const [a, b] = [newRow(1, {}), { ...newRow(2, {}), submittedAt: newRow(1, {}).submittedAt }];
    expect(compareRows(orderOf(board), a, b)).toBe(-1);
    expect(compareRows(orderOf(board), b, a)).toBe(1);
    expect(compareRows(orderOf(board), a, a)).toBe(0);
  });
});

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Column, Leaderboard } from "../bundle/manifest.ts";
import { newColumn, newLeaderboard } from "../../../../test/support/leaderboard.ts";
import type { TaskScores, UnscoredCode } from "./score.ts";
import { nothingScored, runScores, scoreRun } from "./score-run.ts";

const leaderboard = (...columns: Column[]) => newLeaderboard(columns);
const task = (
  index: number,
  scores: Record<string, number>,
  unscored: Record<string, UnscoredCode> = {},
): TaskScores => ({
  index,
  scores,
  unscored: Object.fromEntries(
    Object.entries(unscored).map(([key, code]) => [key, { code, message: `${key} is ${code}.` }]),
  ),
});
const score = (board: Leaderboard, ...tasks: TaskScores[]) => {
  const [result] = scoreRun([board], tasks);
  if (result === undefined) throw new Error("no board");
  return result;
};

describe("over tasks", () => {
  const board = leaderboard(newColumn(0, "accuracy"), newColumn(1, "f1"));

  test("a column's overall value is the mean, and each task keeps its own", () => {
    const result = score(board, task(1, { accuracy: 1, f1: 0.25 }), task(0, { accuracy: 0.5, f1: 0.75 }));
    expect(result.overall.scores).toEqual({ accuracy: 0.75, f1: 0.5 });
    expect(result.tasks.map(({ index, scores }) => [index, scores])).toEqual([
      [0, { accuracy: 0.5, f1: 0.75 }],
      [1, { accuracy: 1, f1: 0.25 }],
    ]);
  });

  test("the mean is over the tasks that wrote the column", () => {
    const result = score(
      board,
      task(0, { accuracy: 0.5 }, { f1: "missing" }),
      task(1, { f1: 0.25 }, { accuracy: "missing" }),
    );
    expect(result.overall).toEqual({ scores: { accuracy: 0.5, f1: 0.25 }, unscored: {} });
  });

  test("a column that one task wrote as NaN is unscored overall, and says which task", () => {
    const result = score(
      board,
      task(0, { accuracy: 0.9, f1: 1 }),
      task(3, { f1: 0 }, { accuracy: "not_finite" }),
    );
    expect(result.overall).toEqual({
      scores: { f1: 0.5 },
      unscored: { accuracy: { code: "not_finite", message: "Task 3: accuracy is not_finite." } },
    });
    expect(result.tasks[0]?.scores).toEqual({ accuracy: 0.9, f1: 1 });
  });

  test("a column no task wrote is missing, not zero", () => {
    const result = score(board, task(0, { accuracy: 1 }, { f1: "missing" }));
    expect(result.overall.scores).toEqual({ accuracy: 1 });
    expect(result.overall.unscored).toEqual({ f1: { code: "missing", message: "f1 is missing." } });
  });

  test("values whose sum overflows are unscored", () => {
    const result = score(board, task(0, { accuracy: 1e308 }), task(1, { accuracy: 1e308 }));
    expect(result.overall.unscored.accuracy?.code).toBe("not_finite");
  });

  test("the order in which tasks end does not change a single bit", () => {
    const values = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(values, fc.infiniteStream(fc.nat()), (accuracies, order) => {
        const tasks = accuracies.map((accuracy, index) => task(index, { accuracy }));
        const shuffled = tasks
          .map((task) => ({ task, at: order.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ task }) => task);
        expect(score(board, ...shuffled)).toEqual(score(board, ...tasks));
      }),
    );
  });
});

describe("a computed column", () => {
  const inputs = [newColumn(0, "a"), newColumn(1, "b"), newColumn(2, "c")];
  const computed = (computation: "avg" | "sum" | "min" | "max", computationIndexes = [0, 1, 2]) =>
    leaderboard(...inputs, newColumn(3, "all", { computation, computationIndexes }));

  test.each([
    ["avg", 2],
    ["sum", 6],
    ["min", 1],
    ["max", 3],
  ] as const)("%s of 1, 2 and 3 is %d", (computation, expected) => {
    expect(score(computed(computation), task(0, { a: 1, b: 2, c: 3 })).overall.scores.all).toBe(expected);
  });

  test("is computed over the values that are there", () => {
    const result = score(computed("avg"), task(0, { a: 1, c: 2 }, { b: "not_finite" }));
    expect(result.overall.scores).toEqual({ a: 1, c: 2, all: 1.5 });
  });

  test("is unscored where none is there", () => {
    const result = score(computed("sum"), task(0, {}, { a: "missing", b: "missing", c: "missing" }));
    expect(result.overall.unscored.all?.message).toContain("None of the columns");
  });

  test("is computed per task, and overall from the overall values", () => {
    const result = score(computed("max", [0, 1]), task(0, { a: 1, b: 0 }), task(1, { a: 0, b: 1 }));
    expect(result.tasks.map(({ scores }) => scores.all)).toEqual([1, 1]);
    expect(result.overall.scores.all).toBe(0.5);
  });

  test("replaces what the program wrote under its key", () => {
    expect(score(computed("min"), task(0, { a: 1, b: 2, c: 3, all: 99 })).overall.scores.all).toBe(1);
  });

  test("may use a computed column, in whatever order they stand", () => {
    const board = leaderboard(
      newColumn(0, "twice", { computation: "sum", computationIndexes: [1, 2] }),
      newColumn(1, "mean", { computation: "avg", computationIndexes: [2, 3] }),
      newColumn(2, "a"),
      newColumn(3, "b"),
    );
    expect(score(board, task(0, { a: 1, b: 3 })).overall.scores).toEqual({ a: 1, b: 3, mean: 2, twice: 3 });
  });

  test("that needs itself ends, without a value", () => {
    const board = leaderboard(
      newColumn(0, "x", { computation: "sum", computationIndexes: [1] }),
      newColumn(1, "y", { computation: "sum", computationIndexes: [0] }),
    );
    expect(score(board, task(0, {})).overall.scores).toEqual({});
  });
});

test("each leaderboard has its own values, and a run's are those of the first that has the column", () => {
  const boards = scoreRun(
    [
      leaderboard(newColumn(0, "a")),
      {
        ...leaderboard(newColumn(0, "b"), newColumn(1, "a", { computation: "sum", computationIndexes: [0] })),
        key: "other",
      },
    ],
    [task(0, { a: 1, b: 2 })],
  );
  expect(boards.map(({ key, overall }) => [key, overall.scores])).toEqual([
    ["results", { a: 1 }],
    ["other", { b: 2, a: 2 }],
  ]);
  expect(runScores(boards).scores).toEqual({ a: 1, b: 2 });
});

test("a run scored nothing when no column has a value in any task, and the reason says why", () => {
  expect(nothingScored([task(0, {}, { a: "missing" }), task(1, { a: 0 })])).toBeUndefined();
  expect(nothingScored([task(0, {}, { a: "not_finite" }), task(1, {}, { a: "not_finite" })])).toMatchObject({
    code: "nothing_scored",
    message: 'No column of the leaderboard has a value. Column "a": a is not_finite.',
  });
});

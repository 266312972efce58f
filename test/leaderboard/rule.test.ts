import { addToBoard, removeFromBoard } from "@benchgen/core/leaderboard/choose.ts";
import { removeRun } from "@benchgen/core/leaderboard/remove.ts";
import { newRow } from "../support/leaderboard.ts";
import { describe, expect, test } from "vitest";
import { boardWith, merge, openPorts, shownRuns } from "./support.ts";

const rows = [
  newRow(0, { accuracy: 0.5 }),
  newRow(1, { accuracy: 0.9 }),
  newRow(2, { accuracy: 0.7 }),
  newRow(3, { accuracy: 0.1 }, { participant: "bob" }),
] as const;
const [first, best, last, other] = rows.map(({ runId }) => runId) as [
  `run_${string}`,
  `run_${string}`,
  `run_${string}`,
  `run_${string}`,
];

describe.each([
  { name: "no rule", rule: undefined },
  { name: "Force_Latest_Multiple", rule: "Force_Latest_Multiple" as const },
])("under $name", ({ rule }) => {
  test("every successful run is a row", async () => {
    using ports = openPorts();
    const board = boardWith(rule);
    for (const row of rows) expect(await merge(ports, board, row)).toBe(true);
    expect(await shownRuns(ports, board)).toEqual([best, last, first, other]);
  });
});

describe("under Force_Best", () => {
  const board = boardWith("Force_Best");

  test("each participant has their best run by the board's own order", async () => {
    using ports = openPorts();
    expect(await merge(ports, board, rows[1])).toBe(true);
    expect(await merge(ports, board, rows[0])).toBe(false);
    expect(await merge(ports, board, rows[3])).toBe(true);
    expect(await merge(ports, board, newRow(4, { accuracy: 0.9, loss: 0.1 }))).toBe(true);
    expect(await merge(ports, board, newRow(5, { accuracy: 0.9, loss: 0.1, secret: 9 }))).toBe(false);
    expect(await shownRuns(ports, board)).toEqual([newRow(4, {}).runId, other]);
  });

  test("the next best takes the place of one that is removed, down to none", async () => {
    using ports = openPorts();
    for (const row of rows) await merge(ports, board, row);
    await removeRun(ports, first);
    expect(await shownRuns(ports, board)).toEqual([best, other]);
    await removeRun(ports, best);
    expect(await shownRuns(ports, board)).toEqual([last, other]);
    await removeRun(ports, last);
    expect(await shownRuns(ports, board)).toEqual([other]);
  });
});

describe("under Force_Last", () => {
  const board = boardWith("Force_Last");

  test("each participant has the run submitted last, even when an earlier one ends later", async () => {
    using ports = openPorts();
    for (const row of [rows[0], rows[2], rows[1], rows[3]]) await merge(ports, board, row);
    expect(await shownRuns(ports, board)).toEqual([last, other]);
  });

  test("of runs submitted in the same millisecond the greater id counts", async () => {
    using ports = openPorts();
    const later = newRow(9, { accuracy: 0 }, { submittedAt: rows[2].submittedAt });
    for (const row of [later, rows[2]]) await merge(ports, board, row);
    expect(await shownRuns(ports, board)).toEqual([later.runId]);
  });

  test("the one before takes the place of one that is removed", async () => {
    using ports = openPorts();
    for (const row of rows) await merge(ports, board, row);
    await removeRun(ports, last);
    expect(await shownRuns(ports, board)).toEqual([best, other]);
  });
});

describe.each(["Add", "Add_And_Delete"] as const)("under %s", (rule) => {
  const board = boardWith(rule);

  test("merging shows nothing, and what the participant adds replaces what they had added", async () => {
    using ports = openPorts();
    for (const row of rows) expect(await merge(ports, board, row)).toBe(false);
    expect(await shownRuns(ports, board)).toEqual([]);
    await addToBoard(ports, { board, runId: best, participant: "ada" });
    await addToBoard(ports, { board, runId: other, participant: "bob" });
    await addToBoard(ports, { board, runId: first, participant: "ada" });
    await addToBoard(ports, { board, runId: first, participant: "ada" });
    expect(await shownRuns(ports, board)).toEqual([first, other]);
    expect(await merge(ports, board, rows[0])).toBe(true);
    expect(await merge(ports, board, rows[1])).toBe(false);
  });

  test("a run that is removed leaves the place free", async () => {
    using ports = openPorts();
    for (const row of rows) await merge(ports, board, row);
    await addToBoard(ports, { board, runId: best, participant: "ada" });
    await removeRun(ports, best);
    expect(await shownRuns(ports, board)).toEqual([]);
    await expect(addToBoard(ports, { board, runId: best, participant: "ada" })).rejects.toThrow(best);
    await addToBoard(ports, { board, runId: last, participant: "ada" });
    expect(await shownRuns(ports, board)).toEqual([last]);
  });
});

test("under Add a run cannot be taken off again, under Add_And_Delete it can", async () => {
  using ports = openPorts();
  for (const [rule, phase] of [
    ["Add", 1],
    ["Add_And_Delete", 2],
  ] as const) {
    const choice = { board: boardWith(rule, phase), runId: best, participant: "ada" };
    await merge(ports, choice.board, rows[1]);
    await addToBoard(ports, choice);
    const removal = removeFromBoard(ports, choice);
    if (rule === "Add") {
      await expect(removal).rejects.toMatchObject({ name: "Conflict", code: "leaderboard.rule_forbids" });
    } else {
      await removal;
      expect(await shownRuns(ports, choice.board)).toEqual([]);
      await addToBoard(ports, choice);
    }
    expect(await shownRuns(ports, choice.board)).toEqual([best]);
  }
});

test("under Add_And_Delete_Multiple several runs of a participant can be shown, and each be taken off", async () => {
  using ports = openPorts();
  const board = boardWith("Add_And_Delete_Multiple");
  for (const row of rows) expect(await merge(ports, board, row)).toBe(false);
  for (const runId of [first, best, last]) await addToBoard(ports, { board, runId, participant: "ada" });
  expect(await shownRuns(ports, board)).toEqual([best, last, first]);
  await removeFromBoard(ports, { board, runId: best, participant: "ada" });
  await removeFromBoard(ports, { board, runId: best, participant: "ada" });
  expect(await shownRuns(ports, board)).toEqual([last, first]);
  await removeRun(ports, first);
  expect(await shownRuns(ports, board)).toEqual([last]);
});

test("a participant chooses only among their own merged runs", async () => {
  using ports = openPorts();
  const board = boardWith("Add_And_Delete");
  await merge(ports, board, rows[3]);
  for (const choice of [
    { board, runId: other, participant: "ada" },
    { board, runId: first, participant: "ada" },
  ]) {
    await expect(addToBoard(ports, choice)).rejects.toMatchObject({ name: "NotFound" });
    await expect(removeFromBoard(ports, choice)).rejects.toMatchObject({ name: "NotFound" });
  }
});

test.each([undefined, "Force_Last", "Force_Best", "Force_Latest_Multiple"] as const)(
  "there is nothing to choose where the rule decides: %s",
  async (rule) => {
    using ports = openPorts();
    const choice = { board: boardWith(rule), runId: first, participant: "ada" };
    await merge(ports, choice.board, rows[0]);
    const forbidden = { code: "leaderboard.rule_forbids" };
    await expect(addToBoard(ports, choice)).rejects.toMatchObject(forbidden);
    await expect(removeFromBoard(ports, choice)).rejects.toMatchObject(forbidden);
  },
);

import type { LeaderboardPage, LeaderboardRow } from "@benchgen/core/wire/api.ts";
import { expect, it } from "vitest";
import { renderLeaderboard } from "./leaderboard.ts";

const column = { index: 0, sorting: "desc", precision: 2, hidden: false } as const;
const board: Omit<LeaderboardPage, "rows"> = {
  environment: "penguins",
  phase: { index: 0, name: "Development" },
  key: "main",
  title: "Main",
  columns: [
    { ...column, key: "accuracy", title: "Accuracy" },
    { ...column, index: 1, key: "constructor", title: "Other" },
  ],
  sortedBy: { column: "accuracy", direction: "desc" },
};

function rowOf(facts: Partial<LeaderboardRow>): LeaderboardRow {
  return {
    rank: 1,
    runId: "run_01jd0c2v5w8x9y0z1a2b3c4d5e",
    name: "baseline",
    participant: "ada",
    submittedAt: "2026-03-25T06:00:00.000Z",
    version: 1,
    scores: {},
    unscored: {},
    taskScores: {},
    ...facts,
  };
}

it("shows a score with its interval, a dash for what is absent, and what could not be scored in words", () => {
  const accuracy = { low: 0.71, high: 0.9, method: "wilson" as const };
  const rows = [
    rowOf({ scores: { accuracy: 0.83 }, intervals: { accuracy } }),
    rowOf({ rank: 2, unscored: { accuracy: "scores.json holds NaN, which cannot be ranked." } }),
  ];
  expect(renderLeaderboard({ ...board, rows }).plain.split("\n")).toEqual([
    "Main  penguins, phase Development",
    "",
    "RANK  NAME             Accuracy ↓  Other  BY   SUBMITTED (UTC)",
    "   1  baseline  0.83 [0.71, 0.90]      –  ada  2026-03-25 06:00",
    "   2  baseline         not scored      –  ada  2026-03-25 06:00",
    "",
    "[from, to]: 95 % interval, over the run's cases",
  ]);
  const plain = renderLeaderboard({ ...board, rows: rows.slice(1) }).plain;
  expect(plain.split("\n")).toHaveLength(4);
});

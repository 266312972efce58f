import { describe, expect, test } from "vitest";
import type { Manifest, Phase } from "../bundle/manifest.ts";
import { NotFound } from "../error.ts";
import { type BoardVersion, boardsOf } from "./board.ts";
import {
  environmentId,
  files,
  newColumn,
  newLeaderboard,
  newManifest,
  newTask,
} from "../../../../test/support/leaderboard.ts";

const leaderboard = newLeaderboard([newColumn(0, "accuracy"), newColumn(1, "f1")]);
const version = (manifest: Partial<Manifest> = {}, more: Partial<BoardVersion> = {}): BoardVersion => ({
  environmentId,
  files,
  manifest: newManifest([leaderboard], manifest),
  ...more,
});
const phase = newManifest([]).phases[0] as Phase;
const idOf = (version: BoardVersion) => boardsOf(version, 0)[0]?.id;
const withColumn = (more: object) => ({
  leaderboards: [{ ...leaderboard, columns: [newColumn(0, "accuracy", more), newColumn(1, "f1")] }],
});

describe("versions share a board", () => {
  test.each<[string, BoardVersion]>([
    ["nothing", version()],
    ["titles and pages", version({ title: "Other", pages: [{ title: "About", file: "about.md" }] })],
    ["the leaderboard's title", version({ leaderboards: [{ ...leaderboard, title: "Other" }] })],
    ["a column's title and precision", version(withColumn({ title: "Accuracy (%)", precision: 5 }))],
    [
      "the phase's name, dates and limits",
      version({ phases: [{ ...phase, name: "Other", executionTimeLimit: 60 }] }),
    ],
    [
      "where a file lies",
      version(
        { tasks: [newTask(0, { scoringProgram: "programs/scoring" })] },
        { files: { ...files, "programs/scoring": { kind: "directory", sha256: "5c".repeat(32), size: 1 } } },
      ),
    ],
    ["tasks of other phases", version({ tasks: [newTask(0), newTask(1)] })],
  ])("that differ in %s", (_, other) => {
    expect(idOf(other)).toBe(idOf(version()));
  });
});

describe("versions do not share a board", () => {
  const otherHash = (path: string) => ({
    files: { ...files, [path]: { kind: "directory" as const, sha256: "00".repeat(32), size: 1 } },
  });
  test.each<[string, BoardVersion]>([
    ["the scoring program", version({}, otherHash("scoring_program"))],
    ["the reference data", version({}, otherHash("reference_data"))],
    ["the input data", version({ tasks: [newTask(0, { inputData: "reference_data" })] })],
    ["the ingestion program", version({ tasks: [newTask(0, { ingestionProgram: "scoring_program" })] })],
    ["the image", version({ dockerImage: "python:3.13" })],
    ["a task's image", version({ tasks: [newTask(0, { dockerImage: "python:3.13" })] })],
    [
      "the phase's tasks",
      version({ phases: [{ ...phase, tasks: [0, 1] }], tasks: [newTask(0), newTask(1)] }),
    ],
    ["a column's direction", version(withColumn({ sorting: "asc" }))],
    ["a column's key", version(withColumn({ key: "acc" }))],
    ["a column's visibility", version(withColumn({ hidden: true }))],
    ["a computation", version(withColumn({ computation: "avg", computationIndexes: [1] }))],
    ["the primary column", version({ leaderboards: [{ ...leaderboard, primaryIndex: 1 }] })],
    ["the rule", version({ leaderboards: [{ ...leaderboard, submissionRule: "Force_Best" }] })],
    ["the leaderboard's key", version({ leaderboards: [{ ...leaderboard, key: "other" }] })],
    ["the environment", version({}, { environmentId: "env_01jd0c2v5w8x9y0z1a2b3c4d5f" })],
  ])("that differ in %s", (_, other) => {
    expect(idOf(other)).not.toBe(idOf(version()));
  });
});

test("each phase has a board of its own per leaderboard", () => {
  const two = version({
    phases: [phase, { ...phase, index: 1 }],
    leaderboards: [leaderboard, { ...leaderboard, key: "other" }],
  });
  const ids = [0, 1].flatMap((index) => boardsOf(two, index).map(({ id }) => id));
  expect(new Set(ids).size).toBe(4);
  expect(() => boardsOf(two, 2)).toThrow(NotFound);
});

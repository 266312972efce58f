/** Records for tests: small and valid; a test says only what it is about. */
import type { Column, Leaderboard, Manifest, Phase, Task } from "@benchgen/core/bundle/manifest.ts";

export function phaseRecord(change: Partial<Phase> = {}): Phase {
  return {
    index: 0,
    name: "Main",
    tasks: [0],
    executionTimeLimit: 600,
    hideOutput: false,
    hidePredictionOutput: false,
    hideScoreOutput: false,
    ...change,
  };
}

export function taskRecord(change: Partial<Task> = {}): Task {
  return {
    index: 0,
    name: "Task",
    scoringProgram: "scoring_program",
    referenceData: "reference_data",
    ingestionOnlyDuringScoring: false,
    ...change,
  };
}

export function columnRecord(change: Partial<Column> = {}): Column {
  return {
    title: "Accuracy",
    key: "accuracy",
    index: 0,
    sorting: "desc",
    computationIndexes: [],
    precision: 2,
    hidden: false,
    ...change,
  };
}

export function leaderboardRecord(change: Partial<Leaderboard> = {}): Leaderboard {
  return {
    title: "Results",
    key: "main",
    hidden: false,
    primaryIndex: 0,
    columns: [columnRecord()],
    ...change,
  };
}

export function manifestRecord(change: Partial<Manifest> = {}): Manifest {
  return {
    title: "Example",
    enableDetailedResults: false,
    pages: [],
    phases: [phaseRecord()],
    tasks: [taskRecord()],
    solutions: [],
    leaderboards: [leaderboardRecord()],
    kept: {},
    ...change,
  };
}

/** Runs for tests, as the API gives them. */
import type { EnvironmentVersion, Run, RunTask } from "@benchgen/core/wire/api.ts";

export function newTask(facts: Partial<RunTask> = {}): RunTask {
  return { index: 0, name: "Species", status: "queued", scores: {}, unscored: {}, notes: [], ...facts };
}

export function newRun(facts: Partial<Run> = {}): Run {
  return {
    id: "run_01jd0c2v5w8x9y0z1a2b3c4d5e",
    name: "baseline",
    participant: "ada",
    environmentId: "env_01jd0c2v5w8x9y0z1a2b3c4d5e",
    environment: "penguins",
    version: 2,
    phase: { index: 0, name: "Development" },
    submissionId: "sub_01jd0c2v5w8x9y0z1a2b3c4d5e",
    as: "predictions",
    purpose: "evaluation",
    status: "running",
    tasks: [newTask()],
    scores: {},
    unscored: {},
    createdAt: "2026-03-25T06:00:00.000Z",
    ...facts,
  };
}

export function newVersion(facts: Partial<EnvironmentVersion> = {}): EnvironmentVersion {
  return {
    environmentId: "env_01jd0c2v5w8x9y0z1a2b3c4d5e",
    environment: "penguins",
    number: 2,
    status: "published",
    contentHash: "0".repeat(64),
    title: "Penguins",
    findings: [],
    verifications: [],
    pages: [],
    phases: [{ index: 0, name: "Development", tasks: [0], executionTimeLimit: 600 }],
    tasks: [{ index: 0, name: "Species", ingestion: false, concurrent: false }],
    leaderboards: [
      {
        key: "main",
        title: "Main",
        primaryIndex: 0,
        columns: [
          { key: "accuracy", title: "Accuracy", index: 0, sorting: "desc", precision: 2, hidden: false },
          { key: "secret", title: "Secret", index: 1, sorting: "desc", precision: 2, hidden: true },
        ],
      },
    ],
    createdAt: "2026-03-25T06:00:00.000Z",
    createdBy: "ada",
    ...facts,
  };
}

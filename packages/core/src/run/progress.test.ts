import { describe, expect, it } from "vitest";
import type { Run } from "../wire/api.ts";
import { parseProgress, withCalls } from "./progress.ts";

describe("progress", () => {
  it.each([
    ["Processing: 10/100 (10%)", 10, 100],
    ["  processing 0/5", 0, 5],
    ["Progress: 3 of 4", 3, 4],
    ["Evaluating questions: 7/8 (87.5%)", 7, 8],
    ["Processing: 7/8 (87%) took=3s left=10% =1 1=1 x=", 7, 8],
    [" 10%|█         | 10/100 [00:01<00:09, 9.98it/s]", 10, 100],
    ["Processing: 1/9 (11%)\rProcessing: 9/9 (100%)\r", 9, 9],
    [`${"x".repeat(5000)}\rProcessing: 2/3 (67%)`, 2, 3],
  ])("is what %j says", (text, done, total) => {
    expect(parseProgress(text)).toEqual({ done, total });
  });

  it.each([
    ["Processing: 10/100 (10%) accuracy=0.8", { accuracy: 0.8 }],
    ["Processing: 10/100 (10%), accuracy=0.8, loss=-1e-3 and more", { accuracy: 0.8, loss: -0.001 }],
    [" 10%|█   | 10/100 [00:01<00:09, 9.98it/s, loss=2.5, f1=1]", { loss: 2.5, f1: 1 }],
    ["Processing: 10/100 (10%) a=1 b=2 c=3 d=4 e=5", { a: 1, b: 2, c: 3, d: 4 }],
  ])("carries the numbers behind it in %j", (text, values) => {
    expect(parseProgress(text)).toEqual({ done: 10, total: 100, values });
  });

  it.each([
    "",
    "2026/11/21 10:00",
    "accuracy 3/4",
    "Processing: 10/0 (0%)",
    "Processing: 11/10 (110%)",
    "Processing: 1234567890123/9",
    "read /data/10/100 (10%)",
    "10%",
  ])("is not what %j says", (text) => {
    expect(parseProgress(text)).toBeUndefined();
  });

  it("is found in time that does not grow with a hostile line", () => {
    for (const text of [
      `Processing: 1/0 ${"a".repeat(90_000)}`,
      "1/1 (".repeat(100_000),
      "%|".repeat(200_000),
      " ".repeat(500_000),
    ]) {
      expect(parseProgress(text)).toBeUndefined();
    }
  });
});

describe("the calls of a run whose programs say nothing", () => {
  const usage = {
    calls: 6,
    failed: 1,
    estimated: 0,
    inputTokens: 0,
    cachedInputTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
    costUsd: 0.1,
  };
  const task = { index: 0, name: "Only", status: "ingesting" as const, scores: {}, unscored: {}, notes: [] };
  const now = "2026-11-21T10:00:00.000Z";
  const run: Run = {
    id: "run_01jd0c2v5w8x9y0z1a2b3c4d5e",
    name: "solver",
    participant: "ada",
    environmentId: "env_01jd0c2v5w8x9y0z1a2b3c4d5e",
    environment: "arithmetic",
    version: 1,
    phase: { index: 0, name: "Main" },
    submissionId: "sub_01jd0c2v5w8x9y0z1a2b3c4d5e",
    as: "model",
    purpose: "evaluation",
    status: "running",
    tasks: [task],
    scores: {},
    unscored: {},
    createdAt: now,
    model: { name: "solver", model: "solver-1" },
    usage,
  };
  const jobs = (["ingestion", "scoring"] as const).map((kind) => ({ taskIndex: 0, kind }));
  const calls = { done: 6, at: now, unit: "calls" as const };

  it.each([
    ["without a limit", {}, undefined],
    ["with a limit", { modelOptions: { limit: 10, epochs: 2 } }, 20],
    ["of which there are more than cases", { modelOptions: { limit: 5 } }, undefined],
    [
      "among which are a judge's",
      { modelOptions: { limit: 10 }, judge: { name: "j", model: "j" } },
      undefined,
    ],
  ])("are counted %s", (_what, more, total) => {
    const expected = { ...calls, ...(total === undefined ? {} : { total }) };
    expect(withCalls({ ...run, ...more }, jobs, now).progress).toEqual(expected);
    expect(withCalls({ ...run, ...more }, jobs, now).tasks[0]?.progress).toEqual(expected);
  });

  it("are no task's where there are several", () => {
    const shown = withCalls({ ...run, tasks: [task, { ...task, index: 1 }] }, jobs, now);
    expect(shown.progress).toEqual(calls);
    expect(shown.tasks.map(({ progress }) => progress)).toEqual([undefined, undefined]);
  });

  it("say nothing while it only scores, or without a model", () => {
    const scoring = { ...run, tasks: [{ ...task, status: "scoring" as const }] };
    expect(withCalls(scoring, jobs, now).progress).toBeUndefined();
    expect(withCalls({ ...run, model: undefined }, jobs, now).progress).toBeUndefined();
    const concurrent = [{ taskIndex: 0, kind: "concurrent" as const }];
    expect(withCalls(scoring, concurrent, now).progress).toEqual(calls);
  });
});

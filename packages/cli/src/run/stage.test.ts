import { expect, it } from "vitest";
import { newRun, newTask } from "./run.fixture.ts";
import { changesBetween, formatProgress, formatUsage, progressOf, progressSince } from "./stage.ts";

const ingesting = () => true;
const statuses = (changes: ReturnType<typeof changesBetween>) =>
  changes.map(({ task, status }) => `${task.index} ${status}`);

it("tells every stage a task went through between two looks", () => {
  const before = newRun({ as: "code", tasks: [newTask({ index: 0, status: "queued" })] });
  const now = newRun({ as: "code", tasks: [newTask({ index: 0, status: "succeeded" })] });
  expect(statuses(changesBetween(before, now, ingesting))).toEqual([
    "0 ingesting",
    "0 scoring",
    "0 succeeded",
  ]);
});

it("tells of no ingestion where there is none", () => {
  const now = newRun({ as: "code", tasks: [newTask({ status: "succeeded" })] });
  expect(statuses(changesBetween(undefined, now, () => false))).toEqual(["0 scoring", "0 succeeded"]);
  const predictions = newRun({ as: "predictions", tasks: [newTask({ status: "succeeded" })] });
  expect(statuses(changesBetween(undefined, predictions, ingesting))).toEqual(["0 scoring", "0 succeeded"]);
});

it("makes up no stage for a task that failed", () => {
  const now = newRun({ as: "code", tasks: [newTask({ status: "failed" })] });
  expect(statuses(changesBetween(undefined, now, ingesting))).toEqual(["0 failed"]);
});

it("is silent while nothing changes", () => {
  const run = newRun({ tasks: [newTask({ status: "scoring" })] });
  expect(changesBetween(run, run, ingesting)).toEqual([]);
});

it("counts what is over and what is at work", () => {
  const tasks = (["queued", "ingesting", "scoring", "succeeded", "failed", "cancelled"] as const).map(
    (status, index) => newTask({ index, status }),
  );
  expect(progressOf(newRun({ tasks }))).toEqual({ over: 3, active: 2, total: 6 });
});

it("tells of progress only when there is some, and of all only when all is done", () => {
  const at = "2026-03-25T06:00:02Z";
  const of = (done: number) =>
    newRun({ tasks: [newTask({ status: "scoring", progress: { done, total: 3000, at } })] });
  expect(progressSince(undefined, newRun())).toEqual([]);
  expect(progressSince(of(1), of(1))).toEqual([]);
  const [change] = progressSince(of(1), of(2999));
  expect(change?.task.index).toBe(0);
  expect(formatProgress(change!.progress)).toBe("2999 of 3000 (99 %)");
});

it("tells of calls where nothing is printed, and of the numbers that are", () => {
  const at = "2026-03-25T06:00:02Z";
  expect(formatProgress({ done: 37, at, unit: "calls" })).toBe("37 calls");
  expect(formatProgress({ done: 1, at, unit: "calls" })).toBe("1 call");
  expect(formatProgress({ done: 37, total: 120, at, unit: "calls" })).toBe("37 of 120 calls (30 %)");
  expect(formatProgress({ done: 1, total: 2, at, values: { accuracy: 0.5, f1: 1 } })).toBe(
    "1 of 2 (50 %) accuracy=0.5 f1=1",
  );
});

it("tells what calls came to, their errors and cost", () => {
  const usage = {
    calls: 37,
    failed: 2,
    estimated: 0,
    inputTokens: 120,
    cachedInputTokens: 0,
    outputTokens: 40,
    reasoningTokens: 0,
    costUsd: 0.0123456,
  };
  expect(formatUsage(newRun({ usage }))).toBe(
    "37 calls, 2 without an answer, $0.0123, 120 tokens in, 40 out",
  );
  expect(formatUsage({ usage: { calls: 1, failed: 0, costUsd: 0 } })).toBe("1 call, $0");
  expect(formatUsage(newRun({ usage: { ...usage, failed: 0, estimated: 3, costUsd: null } }))).toBe(
    "37 calls, cost unknown, 120 tokens in, 40 out, estimated of 3 calls",
  );
  expect(formatUsage(newRun({ usage: { ...usage, calls: 0 } }))).toBeUndefined();
  expect(formatUsage(newRun())).toBeUndefined();
});

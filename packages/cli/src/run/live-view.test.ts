import { expect, it } from "vitest";
import { frameOf } from "./live-view.ts";
import { newRun, newTask } from "./run.fixture.ts";

const look = { frame: 0, columns: 60, now: Date.parse("2026-03-25T06:00:03Z") };

it("shows each task with its stage and time, and the newest line of the log", () => {
  const tasks = [
    newTask({ name: "Species", status: "ingesting", startedAt: "2026-03-25T06:00:00Z" }),
    newTask({ index: 1, name: "Mass" }),
  ];
  const shown = frameOf(newRun({ tasks }), "epoch 3\u001b[2J", look).map((line) => line.plain.trimEnd());
  expect(shown).toEqual(["⠋ Species ingestion  3.0 s", "· Mass    waiting", "  │ epoch 3"]);
});

it("shows how far a task's program says it is", () => {
  const progress = { done: 199, total: 200, at: "2026-03-25T06:00:02Z" };
  const tasks = [newTask({ status: "scoring", startedAt: "2026-03-25T06:00:00Z", progress })];
  expect(frameOf(newRun({ tasks }), undefined, look).map((line) => line.plain)).toEqual([
    "⠋ Species scoring    3.0 s 199 of 200 (99 %)",
  ]);
});

it("shows what the calls to the model came to so far", () => {
  const tokens = { inputTokens: 9, cachedInputTokens: 0, outputTokens: 9, reasoningTokens: 0 };
  const usage = { calls: 3, failed: 1, estimated: 0, ...tokens, costUsd: 0.25 };
  const shown = frameOf(newRun({ usage }), undefined, { ...look, columns: 80 }).map((line) => line.plain);
  expect(shown.at(-1)).toBe("  model: 3 calls, 1 without an answer, $0.25, 9 tokens in, 9 out");
});

it("shows those at work of many tasks, and counts the others", () => {
  const tasks = Array.from({ length: 100 }, (_, index) =>
    newTask({
      index,
      name: `task ${index}`,
      status: index < 50 ? "succeeded" : index === 99 ? "scoring" : "queued",
    }),
  );
  const shown = frameOf(newRun({ tasks }), undefined, look).map((line) => line.plain);
  expect(shown).toHaveLength(11);
  expect(shown[9]).toContain("task 99");
  expect(shown[10]).toContain("and 90 more; 50 of 100 are done");
});

it("makes no line as wide as the terminal, where it would wrap", () => {
  const tasks = [newTask({ name: "数".repeat(50), status: "scoring" })];
  const narrow = { ...look, columns: 30 };
  for (const line of frameOf(newRun({ tasks }), "x".repeat(300), narrow)) expect(line.width).toBeLessThan(30);
});

import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { expect, it } from "vitest";
import { renderEvent } from "./event.ts";

const at = "2026-11-21T10:05:10.456Z";
const about = {
  version: 1 as const,
  run: { id: "run_01jd0c2v5w8x9y0z1a2b3c4d5e" as const, name: "solver", participant: "ada" },
  environment: { id: "env_01jd0c2v5w8x9y0z1a2b3c4d5e" as const, name: "arithmetic", version: 3 },
  phase: { index: 0, name: "Main" },
};
const usage = { calls: 12, failed: 2, costUsd: 0.0031 };

it.each<[BenchgenEvent["type"], object, string]>([
  ["Run Started", {}, "solver on arithmetic@3"],
  [
    "Run Progressed",
    { task: 0, progress: { done: 10, total: 100, at, values: { accuracy: 0.8 } }, usage },
    "solver: task 0: 10 of 100 (10 %) accuracy=0.8, 12 calls, 2 without an answer, $0.0031",
  ],
  ["Run Progressed", { progress: { done: 7, unit: "calls", at } }, "solver: 7 calls"],
  [
    "Run Progressed",
    { task: 0, progress: { done: 12, unit: "calls", at }, usage },
    "solver: task 0: 12 calls, 2 without an answer, $0.0031",
  ],
  [
    "Run Finished",
    { status: "failed", reason: { code: "program_failed", message: "\u001b[2JIt failed." }, scores: {} },
    "solver failed: It failed.",
  ],
])("a line for %s with %j", (type, more, expected) => {
  const event = { id: "any", time: at, type, detail: { ...about, ...more } } as BenchgenEvent;
  expect(renderEvent(event).plain).toBe(`10:05:10 ${type} ${expected}`);
});

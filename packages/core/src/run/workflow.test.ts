import { readFileSync } from "node:fs";
import aslValidator from "asl-validator";
import { describe, expect, test } from "vitest";

interface State {
  Type: string;
  Next?: string;
  Retry?: { ErrorEquals: string[] }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  TimeoutSeconds?: number;
  TimeoutSecondsPath?: string;
  ItemProcessor?: { States: Record<string, State> };
  MaxConcurrency?: number;
}

const text = readFileSync(new URL("workflow.asl.json", import.meta.url), "utf8");
const machine = JSON.parse(text) as { States: Record<string, State> };
const tasks = Object.entries({
  ...machine.States,
  ...machine.States["Tasks"]?.ItemProcessor?.States,
}).filter(([, state]) => state.Type === "Task");

describe("the workflow file", () => {
  test("is valid Amazon States Language", () => {
    // The validator takes placeholders for whole ARNs only.
    const filled = text.replaceAll("${Partition}", "aws");
    expect(aslValidator(JSON.parse(filled) as object)).toMatchObject({ isValid: true });
  });

  test("bounds how many tasks run at once", () => {
    expect(machine.States["Tasks"]?.MaxConcurrency).toBeGreaterThan(0);
  });

  test.each(tasks)("gives %s a time limit", (_, state) => {
    expect(state.TimeoutSeconds ?? state.TimeoutSecondsPath).toBeDefined();
  });

  test.each(tasks)(
    "catches everything %s can throw, but for the two that catch for the others",
    (name, state) => {
      const caught = state.Catch?.some(({ ErrorEquals }) => ErrorEquals.includes("States.ALL")) ?? false;
      expect(caught || name === "Finish" || name === "RecordFailure").toBe(true);
    },
  );

  test.each(["Ingest", "Score"])("launches %s again for platform faults only", (name) => {
    const retried =
      tasks.find(([each]) => each === name)?.[1].Retry?.flatMap(({ ErrorEquals }) => ErrorEquals) ?? [];
    expect(retried).toContain("PlatformFault");
    // A job whose program failed has reported, and its Fargate task is no failure: one that failed was lost.
    expect(retried).toContain("States.TaskFailed");
    expect(retried.filter((error) => /ALL|Timeout/.test(error))).toEqual([]);
  });

  test("ends every run in Finish", () => {
    const nexts = Object.values(machine.States).flatMap((state) => [
      state.Next,
      ...(state.Catch ?? []).map((each) => each.Next),
    ]);
    const leads = new Set(nexts.filter((next) => next !== undefined));
    expect(leads).toEqual(new Set(["Tasks", "Merge", "Finish"]));
  });
});

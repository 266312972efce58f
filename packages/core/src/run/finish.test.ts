import { describe, expect, test } from "vitest";
import { InvalidInput } from "../error.ts";
import { endOf } from "./finish.ts";
import { queuedTask } from "./record.ts";
import { reasonOf } from "./record-failure.ts";
import { stepError } from "./step-error.ts";
import { endOfExecution } from "./sweep.ts";

const taskList = [
  { index: 0, name: "first" },
  { index: 1, name: "second" },
];
const done = (index: number) => ({ ...queuedTask({ index, name: "" }), status: "succeeded" as const });
const failed = (index: number, message: string) => ({
  ...queuedTask({ index, name: "" }),
  status: "failed" as const,
  reason: { code: "program_failed" as const, message, stderrTail: "boom" },
});

describe("how a run ended", () => {
  test("it succeeds when all its tasks do", () => {
    expect(endOf({ taskList, scores: { a: 1 } }, [done(0), done(1)])).toEqual({ status: "succeeded" });
  });

  test("it fails with the task's own reason when it has one task", () => {
    const task = failed(0, "exit code 1");
    expect(endOf({ taskList: taskList.slice(0, 1), scores: {} }, [task])).toEqual({
      status: "failed",
      reason: task.reason,
    });
  });

  test("it names the first task that failed, and how many more did", () => {
    const end = endOf({ taskList, scores: {} }, [failed(0, "exit code 1"), failed(1, "exit code 2")]);
    expect(end.reason?.message).toBe('Task "first": exit code 1 (and 1 more of 2 tasks failed)');
  });

  test("it fails when the merge found nothing scored, although its tasks succeeded", () => {
    const reason = { code: "nothing_scored" as const, message: "No column has a value." };
    expect(endOf({ taskList, scores: {}, reason }, [done(0), done(1)])).toEqual({ status: "failed", reason });
  });

  test("a task nobody heard of again is the platform's fault", () => {
    expect(endOf({ taskList, scores: {} }, [done(0)]).reason?.code).toBe("platform_fault");
  });

  test("a workflow that timed out times the run out; any other end without a result is the platform's fault", () => {
    expect(endOfExecution({ status: "timed_out" }).status).toBe("timed_out");
    expect(endOfExecution({ status: "aborted", cause: "gone" })).toMatchObject({
      status: "failed",
      reason: { code: "platform_fault", message: expect.stringContaining("gone") },
    });
  });
});

describe("the reason in what a catch hands over", () => {
  test("is the error's own where its code is one of ours", () => {
    const error = stepError(
      new InvalidInput("image_not_found", "No image.", { hint: "docker pull x" }),
    ) as Error;
    const Cause = JSON.stringify({ errorMessage: error.message, errorType: error.name });
    expect(reasonOf({ Error: error.name, Cause })).toEqual({
      code: "image_not_found",
      message: "No image.",
      hint: "docker pull x",
    });
  });

  test("is a platform fault otherwise, in one line", () => {
    expect(reasonOf({ Error: "Whatever", Cause: "first\nsecond" })).toMatchObject({
      code: "platform_fault",
      message: "first",
    });
    expect(reasonOf({ Error: "Whatever", Cause: "" }).message).toContain("Whatever");
  });

  test("is a time-out where the workflow gave up", () => {
    expect(reasonOf({ Error: "States.Timeout", Cause: "" }).code).toBe("timed_out");
  });
});

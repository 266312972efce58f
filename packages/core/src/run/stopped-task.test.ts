import { expect, test } from "vitest";
import { readStoppedTask } from "./stopped-task.ts";

const containers = [
  { Name: "stage-in", Image: "runner" },
  { Name: "scoring", Image: "registry.example/scorer:1" },
  { Name: "stage-out", Image: "runner" },
];
const read = (task: object) => readStoppedTask(JSON.stringify({ Containers: containers, ...task }));

test("an image that is not there is the environment's fault, and is named", () => {
  const StoppedReason =
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref registry.example/scorer:1: not found";
  expect(read({ StopCode: "TaskFailedToStart", StoppedReason })).toMatchObject({
    code: "image_not_found",
    message: expect.stringContaining("registry.example/scorer:1"),
  });
});

test("an image that could not be pulled this time is the platform's fault", () => {
  const StoppedReason = "CannotPullContainerError: toomanyrequests: You have reached your pull rate limit";
  expect(read({ StoppedReason })?.code).toBe("platform_fault");
});

test("a container that was killed for its memory is named", () => {
  const Containers = [
    { Name: "scoring", Reason: "OutOfMemoryError: Container killed due to high memory usage" },
  ];
  expect(read({ Containers })).toMatchObject({
    code: "out_of_memory",
    message: expect.stringContaining("scoring"),
  });
});

test("what is wrong with a container of ours is no fault of a program or its environment", () => {
  const OutOfMemory = { Reason: "OutOfMemoryError: Container killed due to high memory usage" };
  expect(read({ Containers: [{ Name: "stage-in", ...OutOfMemory }, { Name: "scoring" }] })).toMatchObject({
    code: "platform_fault",
    message: expect.stringContaining("OutOfMemoryError"),
  });
  const StoppedReason = "CannotPullContainerError: failed to resolve ref runner: not found";
  expect(read({ StoppedReason })?.code).toBe("platform_fault");
});

test("anything else says why ECS stopped the task", () => {
  expect(read({ StopCode: "SpotInterruption", StoppedReason: "Your Spot Task was interrupted." })).toEqual({
    code: "platform_fault",
    message: "The job's Fargate task ended before the job had reported: Your Spot Task was interrupted.",
    hint: "Run it again with: benchgen retry",
  });
});

test.each(["", "plain text", "null", "[]", '{"errorMessage":"x"}'])("%j describes no task", (cause) =>
  expect(readStoppedTask(cause)).toBeUndefined(),
);

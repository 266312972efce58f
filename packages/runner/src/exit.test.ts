import { describe, expect, test } from "vitest";
import { type StageExit, exitOf, reasonOf, tail } from "./exit.ts";

const limits = { timeSeconds: 60, cpus: 1, memoryMb: 512, diskMb: 100, processes: 64, logBytes: 1000 };
const exit = (changes: Partial<StageExit>): StageExit => ({
  name: "scoring",
  exitCode: 0,
  elapsedSeconds: 1,
  ...changes,
});

test("success has no reason", () => {
  expect(reasonOf([exit({}), exit({ name: "ingestion" })], limits, {})).toBeUndefined();
});

describe("every failure has its own readable reason", () => {
  test.each([
    [{ exitCode: 2 }, "", "program_failed", "The scoring program failed with exit code 2."],
    [
      { exitCode: null, signal: "SIGSEGV" },
      "",
      "program_failed",
      "The scoring program was ended by the signal SIGSEGV.",
    ],
    [
      { exitCode: null, cause: "time_limit" },
      "",
      "time_limit",
      "The scoring program was ended after its time limit of 60 seconds.",
    ],
    [
      { exitCode: null, cause: "out_of_memory" },
      "",
      "out_of_memory",
      "The scoring program used more than its 512 MiB of memory.",
    ],
    [
      { exitCode: 1 },
      "Traceback\nMemoryError\n",
      "out_of_memory",
      "The scoring program used more than its 512 MiB of memory.",
    ],
    [
      { exitCode: null, signal: "SIGXFSZ" },
      "",
      "disk_full",
      "The scoring program wrote more than its 100 MiB of disk.",
    ],
    [
      { exitCode: 1 },
      "OSError: [Errno 28] No space left on device",
      "disk_full",
      "The scoring program wrote more than its 100 MiB of disk.",
    ],
    [
      { exitCode: null, cause: "image_not_found", detail: "The image x is not on this machine." },
      "",
      "image_not_found",
      "The image x is not on this machine.",
    ],
  ] as const)("%j with stderr %j", (changes, stderr, code, message) => {
    expect(reasonOf([exit(changes)], limits, { scoring: stderr })).toMatchObject({ code, message });
  });

  test("a Python package that is missing is named, with where packages come from", () => {
    const stderr = "Traceback\n    import torch\nModuleNotFoundError: No module named 'torch'\n";
    const hint = reasonOf([exit({ exitCode: 1 })], limits, { scoring: stderr })?.hint;
    expect(hint).toMatch(/"torch".*docker image.*BENCHGEN_EXPOSE/);
  });
});

test("the program that failed is named, not the one that was stopped for it", () => {
  const exits = [
    exit({ name: "ingestion", exitCode: null, signal: "SIGKILL", cause: "stopped" }),
    exit({ exitCode: 4 }),
  ];
  expect(reasonOf(exits, limits, {})?.message).toBe("The scoring program failed with exit code 4.");
});

test("the reason shows the last lines of the program's own stderr", () => {
  const reason = reasonOf([exit({ exitCode: 1 })], limits, { scoring: "a\nb\n", ingestion: "c" });
  expect(reason?.stderrTail).toBe("a\nb");
});

test("the tail is bounded in lines and in length", () => {
  expect(tail("line\n".repeat(100)).split("\n")).toHaveLength(20);
  expect(tail("x".repeat(100_000)).length).toBeLessThan(5000);
});

test.each([
  [0, { exitCode: 0 }],
  [1, { exitCode: 1 }],
  [130, { exitCode: 130 }],
  [137, { exitCode: null, signal: "SIGKILL" }],
  [139, { exitCode: null, signal: "SIGSEGV" }],
  [255, { exitCode: 255 }],
])("the shell's exit code %i means %j", (code, expected) => {
  expect(exitOf(code)).toEqual(expected);
});

/** What the bundles of all suites make of a suite's log: `report.py`, run as a scoring program runs it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";

const python = "/usr/bin/python3";
const program = fileURLToPath(
  new URL("../../packages/cli/templates/suite/common/bundle/scoring_program", import.meta.url),
);
const homes: string[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true });
});

/** Reports those scores and cases, of a task with four. */
function report(scores: object, cases: readonly object[]) {
  const home = mkdtempSync(join(tmpdir(), "benchgen-report-"));
  homes.push(home);
  for (const part of ["ref", "res", "output"]) mkdirSync(join(home, part));
  writeFileSync(join(home, "ref", "task.json"), '{"cases": 4}');
  writeFileSync(join(home, "res", "suite.json"), '{"version": "1"}');
  const script = `
import json, sys
sys.path.insert(0, ${JSON.stringify(program)})
import report
report.write(*json.load(sys.stdin))`;
  const { status, stderr } = spawnSync(python, ["-B", "-c", script, home, join(home, "output")], {
    input: JSON.stringify([scores, cases]),
    encoding: "utf8",
  });
  const lines = readFileSync(join(home, "output", "results.jsonl"), "utf8")
    .trimEnd()
    .split("\n");
  const written = () =>
    JSON.parse(readFileSync(join(home, "output", "scores.json"), "utf8")) as Record<string, unknown>;
  return { status, stderr, cases: lines.map((line) => JSON.parse(line) as object), written };
}

describe.skipIf(!existsSync(python))("the report of a suite's log", () => {
  it("has the first number as the score, and the share of the cases that have one", () => {
    const right = { id: "a", passed: true };
    const none = { id: "b", passed: null, error: { type: "model_error", message: "It broke." } };
    const { status, cases, written } = report({ exact_match: 0.5, stderr: null }, [right, none]);
    expect([status, cases]).toEqual([0, [right, none]]);
    expect(written()).toEqual({ exact_match: 0.5, score: 0.5, coverage: 0.25, suite: { version: "1" } });
  });

  it("keeps the cases, and fails with the first one's reason, when none has a score", () => {
    const none = { id: "b", passed: null, error: { type: "model_error", message: "It broke." } };
    const { status, stderr, cases, written } = report({ exact_match: null }, [none]);
    expect([status, stderr, cases]).toEqual([1, "error: no case has a score: It broke.\n", [none]]);
    expect(written).toThrow("ENOENT");
  });
});

import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Comparison, RunComparison } from "@benchgen/core/wire/comparison.ts";
import type { CaseReport, RunFailures } from "@benchgen/core/wire/report.ts";
import { expect, it } from "vitest";
import { runCommand } from "../support/command.ts";

const hasPython = existsSync("/usr/bin/python3");
if (!hasPython) console.warn("NOT TESTED: the demo's second act: there is no /usr/bin/python3 here.");

it.skipIf(!hasPython)(
  "shows every stage of an environment and two submissions, the event, and the board; then two models, their reports and which is better; and leaves nothing behind",
  async () => {
    const home = await mkdtemp(join(tmpdir(), "benchgen-demo-test-"));
    // Where the user that programs run as, where that is another, can reach it.
    await chmod(home, 0o755);
    const { code, records, stderr } = await runCommand(["demo", "--json"], {
      home,
      environment: { TMPDIR: home },
    });
    const error = records.find(({ type }) => type === "error");
    expect({ code, stderr, error }).toEqual({ code: 0, stderr: "", error: undefined });
    const stages = records.filter(({ type }) => type === "stage").map(({ stage }) => stage);
    const ofTasks = stages.filter((stage) => !["ingestion", "scoring", "scored"].includes(String(stage)));
    expect(ofTasks).toEqual([
      "uploaded",
      "validated",
      "verified",
      "published",
      "uploaded",
      "merged",
      "uploaded",
      "merged",
      "notified",
      "uploaded",
      "validated",
      "verified",
      "published",
      "added",
      "added",
      "judged",
    ]);
    expect(stages.filter((stage) => stage === "ingestion").length).toBeGreaterThanOrEqual(3);
    const rows = records.filter(({ type }) => type === "row");
    expect(rows.map(({ rank, name }) => [rank, name])).toEqual([
      [1, "good"],
      [2, "baseline"],
      [1, "large"],
      [2, "small"],
    ]);
    const accuracies = records
      .filter(({ type }) => type === "report")
      .map(({ overall }) => (overall as CaseReport).accuracy?.value);
    expect(accuracies).toEqual([0.725, 0.95]);
    const failures = records.find(({ type }) => type === "failures") as unknown as RunFailures;
    expect(failures.categories.map(({ category }) => category)).toContain("factual_error");
    const [{ sentence }] = (records.find(({ type }) => type === "comparison") as unknown as Comparison)
      .comparisons as [RunComparison];
    expect(sentence).toMatch(/^B is better by 22\.5 points/);
    expect(records.at(-1)).toMatchObject({ type: "demo", seconds: expect.any(Number) });
    expect(await readdir(home)).toEqual([]);
    await rm(home, { recursive: true });
  },
);

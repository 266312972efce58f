import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCommand } from "../support/command.ts";

it("shows every stage of an environment and two submissions, the event, and the board, and leaves nothing behind", async () => {
  const home = await mkdtemp(join(tmpdir(), "benchgen-demo-test-"));
  const { code, records, stderr } = await runCommand(["demo", "--json"], {
    home,
    environment: { TMPDIR: home },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
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
  ]);
  expect(stages.filter((stage) => stage === "ingestion").length).toBeGreaterThanOrEqual(3);
  const rows = records.filter(({ type }) => type === "row");
  expect(rows.map(({ rank, name }) => [rank, name])).toEqual([
    [1, "good"],
    [2, "baseline"],
  ]);
  expect(records.at(-1)).toMatchObject({ type: "demo", seconds: expect.any(Number) });
  expect(await readdir(home)).toEqual([]);
  await rm(home, { recursive: true });
});

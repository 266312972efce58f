/** Cancelling a run at every stage: its processes are gone, its status says so, and no leaderboard has it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Run, RunTask } from "@benchgen/core/wire/api.ts";
import { openWorkDirectory } from "@benchgen/local/executor/work-directory.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleFiles, copyScores, runSubmitted, script } from "../support/bundle.ts";
import { until } from "../support/api.ts";
import { processesWith, untilRunning } from "../support/process.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

/** A mark in the arguments of what a submission starts. */
const mark = `600.${process.pid}s`;
/** A child in the foreground, and one in a session of its own that outlives its parent. */
const lingering = script(`setsid sleep ${mark} & sleep ${mark}`);

let pipeline: Pipeline;
let tim: Actor;

beforeAll(async () => {
  pipeline = await openPipeline();
  const author = await pipeline.actor("ada", "author");
  tim = await pipeline.actor("tim", "submit");
  await author.push(
    bundleFiles({ title: "ingester", ingestion: runSubmitted("/app/ingested_program"), scoring: copyScores }),
  );
  await author.push(bundleFiles({ title: "scorer", scoring: runSubmitted("/app/input/res") }));
});

afterAll(() => pipeline.close());

/** Starts a run that never ends, and waits until its programs run. */
async function lingeringRun(environment: string, status: RunTask["status"]): Promise<Run> {
  const submissionId = await tim.submit(lingering);
  const { id } = await tim.start({ environment, submissionId });
  return untilLingering(id, status);
}

/** A run that ends instead says why. */
async function untilLingering(id: Run["id"], status: RunTask["status"]): Promise<Run> {
  const isSo = ({ tasks }: Run): boolean => tasks[0]?.status === status && processesWith(mark).length >= 2;
  const run = await tim.runUntil(id, isSo);
  expect(run).toMatchObject({ status: "running", tasks: [{ status }] });
  return run;
}

async function expectGone(run: Run): Promise<void> {
  await pipeline.api.local.waitForRun(run.id);
  await untilRunning(mark, 0);
  expect(await tim.run(run.id)).toMatchObject({
    status: "cancelled",
    reason: { code: "cancelled", message: "Cancelled by tim." },
    tasks: [{ status: "cancelled" }],
    scores: {},
  });
  expect(await tim.board(run.environment)).toEqual([]);
  expect((await tim.problem("POST", `/runs/${run.id}/cancel`)).code).toBe("run_over");
}

describe("a run that is cancelled", () => {
  it.each([
    ["ingesting", "ingester"],
    ["scoring", "scorer"],
  ] as const)("while %s ends with everything it started", async (status, environment) => {
    const run = await lingeringRun(environment, status);
    expect(run.tasks[0]?.status).toBe(status);
    expect(await tim.cancel(run.id)).toMatchObject({ status: "cancelled" });
    await expectGone(run);
  });

  it("by another process that has the directory open ends all the same", async () => {
    const run = await lingeringRun("scorer", "scoring");
    const other = await openPipeline({ dir: pipeline.api.dir });
    const elsewhere = await other.actor("tim", "submit");
    expect(await elsewhere.cancel(run.id)).toMatchObject({ status: "cancelled" });
    await other.close();
    await expectGone(run);
  });

  it("can be tried again, as a run of its own", async () => {
    const run = await lingeringRun("scorer", "scoring");
    expect((await tim.problem("POST", `/runs/${run.id}/retry`)).code).toBe("run_not_over");
    await tim.cancel(run.id);
    await expectGone(run);
    const again = await tim.retry(run.id);
    expect(again).toMatchObject({ status: "queued", retryOf: run.id, submissionId: run.submissionId });
    await untilLingering(again.id, "scoring");
    await tim.cancel(again.id);
    await expectGone(again);
    expect((await tim.run(run.id)).endedAt).not.toBe((await tim.run(again.id)).endedAt);
  });

  it("is the business of its participant and of the environment's authors only", async () => {
    const run = await lingeringRun("scorer", "scoring");
    const sue = await pipeline.actor("sue", "submit");
    expect((await sue.problem("POST", `/runs/${run.id}/cancel`)).status).toBe(404);
    await tim.cancel(run.id);
    await expectGone(run);
  });

  it("leaves nothing of its jobs behind", async () => {
    const work = await openWorkDirectory(join(pipeline.api.dir, "work"));
    const left = () =>
      readdirSync(work)
        .flatMap((owner) => readdirSync(join(work, owner)))
        .filter((name) => name.startsWith("job_"));
    // A job's directory goes right after its last process, which is what the tests before waited for.
    expect(
      await until(
        () => Promise.resolve(left()),
        ({ length }) => length === 0,
      ),
    ).toEqual([]);
  });
});

/** What the API answers to a job that is begun again after it has reported: a platform may lose the end of a task only. */
import { hashToken } from "@benchgen/core/access/token.ts";
import { tableKey } from "@benchgen/core/record/key.ts";
import { toItem } from "@benchgen/core/record/record.ts";
import { type JobRecord, jobRecordSchema } from "@benchgen/core/run/record.ts";
import { readOutcome } from "@benchgen/core/job/outcome.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleFiles, runSubmitted, script } from "../support/bundle.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

const token = "known-to-us-besides-the-stages";

let pipeline: Pipeline;
let tim: Actor;
let job: JobRecord;

beforeAll(async () => {
  pipeline = await openPipeline();
  tim = await pipeline.actor("tim", "author");
  await tim.push(bundleFiles({ title: "scorer", scoring: runSubmitted("/app/input/res") }));
  const submissionId = await tim.submit(script("sleep 600"));
  const { id } = await tim.start({ environment: "scorer", submissionId });
  await tim.runUntil(id, ({ tasks }) => tasks[0]?.status === "scoring");
  const { table } = pipeline.api.local.ports;
  job = jobRecordSchema.parse(await table.get(tableKey.job(id, 0, "scoring")));
  const opened = { ...job, jobId: job.id, expiresAt: "2999-01-01T00:00:00.000Z" };
  await table.write([{ kind: "put", item: toItem(tableKey.jobToken(hashToken(token)), opened) }]);
});
afterAll(async () => {
  await tim.cancel(job.runId);
  await pipeline.api.waitForRun(job.runId);
  await pipeline.close();
});

const ask = (method: string, path: string, body?: unknown) =>
  pipeline.api.call(method, `/jobs/self/${path}`, { token, ...(body === undefined ? {} : { body }) });
const upload = () => ask("POST", "uploads", { file: "output.zip", size: 3, sha256: "0".repeat(64) });
const report = (executor: string) =>
  ask("POST", "outcome", {
    version: 1,
    jobId: job.id,
    status: "succeeded",
    programs: [],
    executor,
    startedAt: "2026-01-01T00:00:00.000Z",
    endedAt: "2026-01-01T00:00:01.000Z",
  });

it("a job that has not reported may begin as often as it is run", async () => {
  for (const attempt of [1, 2]) {
    expect((await ask("GET", "spec")).status, `attempt ${attempt}`).toBe(200);
    expect((await upload()).status).toBe(201);
  }
});

it("its first report counts, and a repeated one is no error", async () => {
  expect((await report("first")).status).toBe(204);
  expect((await report("second")).status).toBe(204);
  expect(await readOutcome(pipeline.api.local.ports, job)).toMatchObject({ executor: "first" });
});

it.each([
  ["may not begin again", () => ask("GET", "spec")],
  ["may not put other files in the place of those it reported", upload],
])("one that has reported %s", async (_title, again) => {
  const answer = await again();
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ code: "job_reported" });
});

import { expect, it } from "vitest";
import type { LoggedJob } from "@benchgen/core/ports.ts";
import { ecsClient } from "../client.ts";
import { serveAnswers } from "../fixture.ts";
import { taskAttempts } from "./source.ts";

const job: LoggedJob = {
  runId: "run_01jd0c2v5w8x9y0z1a2b3c4d5e",
  jobId: "job_01jd0c2v5w8x9y0z1a2b3c4d5e",
  taskIndex: 0,
  kind: "concurrent",
};
const arn = (task: string) => `arn:aws:ecs:us-east-1:123456789012:task/benchgen-test/${task}`;

it("finds a job's streams by the tasks that were started in its name, and by those it knew before", async () => {
  const aws = await serveAnswers([
    { status: 200, body: { taskArns: [arn("a1")] } },
    { status: 200, body: { taskArns: [arn("b2")] } },
  ]);
  const find = taskAttempts({ client: ecsClient(aws.settings), cluster: "benchgen-test" });
  const attempts = await find(job, ["forgotten", "a1"]);
  aws.close();
  expect(attempts.map(({ id }) => id)).toEqual(["forgotten", "a1", "b2"]);
  expect(attempts[1]!.sources).toEqual([
    { name: "job/stage-in/a1", stream: "system" },
    { name: "job/ingestion/a1", stream: "stdout" },
    { name: "job/scoring/a1", stream: "stdout" },
    { name: "job/stage-out/a1", stream: "system" },
  ]);
  expect(aws.requests).toEqual([
    { cluster: "benchgen-test", startedBy: job.jobId, desiredStatus: "STOPPED" },
    { cluster: "benchgen-test", startedBy: job.jobId, desiredStatus: "RUNNING" },
  ]);
});

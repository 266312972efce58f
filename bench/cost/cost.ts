/**
 * What runs on AWS cost: does them on stand-ins, counts what they do, and prices it. Needs what the tests in
 * test/flow-aws need; without Docker, tasks run outside of containers and the log bytes of our own are missing.
 *
 * usage: npm run cost [-- --write]     --write: into docs/cost.md as well
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { format } from "prettier";
import { announcedSchema, pack } from "../../test/support/api.ts";
import { startDynamoDbLocal } from "../../test/support/aws/dynamodb-local.ts";
import { startMoto } from "../../test/support/aws/moto.ts";
import { bundleFiles, scored } from "../../test/support/bundle.ts";
import { bundleFunctions } from "../../test/support/deployment/bundle.ts";
import type { Deployment } from "../../test/support/deployment/deployment.ts";
import type { StackTemplate } from "../../test/support/deployment/intrinsic.ts";
import { deployPrepared, testStage } from "../../test/support/deployment/prepared.ts";
import { fargateImage, fargateImageMissing } from "../../test/support/fargate-image.ts";
import type { Actor } from "../../test/support/pipeline.ts";
import { createHash } from "node:crypto";
import { type Usage, startCount } from "./count.ts";
import { costDocument } from "./document.ts";

const taskCount = 10;
/** Two deliveries of lines, of which the second comes too early for another event. */
const tellTwice = "echo 'Processing: 1/9 (11%)'; sleep 2; echo 'Processing: 2/9 (22%)'; sleep 2";

/** One submission from its upload to its row, and nothing asked in between: whoever watches pays for asking. */
async function runOnce(deployment: Deployment, tim: Actor, environment: string): Promise<Usage> {
  const count = startCount(deployment);
  // Bytes nobody has sent before.
  const zip = await pack(scored(Math.random()));
  const sha256 = createHash("sha256").update(zip).digest("hex");
  const body = { kind: "submission", filename: "submission.zip", size: zip.length, sha256 };
  const { upload, put } = await tim.json(announcedSchema, "POST", "/uploads", body);
  await tim.api.put(put, zip);
  await deployment.settled();
  await tim.call("GET", `/uploads/${upload.id}`);
  const answer = await tim.call("POST", "/submissions", { body: { uploadId: upload.id } });
  const { id: submissionId } = (await answer.json()) as { id: never };
  const { id } = await tim.start({ environment, submissionId });
  await deployment.settled();
  const run = await tim.run(id);
  if (run.status !== "succeeded") throw new Error(`the run ended as ${run.status}: ${run.reason?.message}`);
  return count([id]);
}

async function measure(deployment: Deployment) {
  const tim = await deployment.actor("tim", "author");
  const task = { scoring_program: "scoring_program", reference_data: "reference_data" };
  const tasks = Array.from({ length: taskCount }, (_, index) => ({ ...task, index, name: `Task ${index}` }));
  const phases = [{ index: 0, name: "Main", tasks: tasks.map(({ index }) => index) }];
  await tim.push(bundleFiles({ title: "single" }));
  await tim.push(bundleFiles({ title: "many", competition: { tasks, phases } }));
  const scoring = { script: `${tellTwice}\ncp /app/input/res/scores.json /app/output/` };
  await tim.push(bundleFiles({ title: "telling", scoring }));
  // The first run of a definition also registers it.
  await runOnce(deployment, tim, "single");
  const single = await runOnce(deployment, tim, "single");
  const many = await runOnce(deployment, tim, "many");
  const telling = await runOnce(deployment, tim, "telling");
  const status = startCount(deployment);
  await tim.call("GET", "/runs?limit=1");
  const asked = await status([]);
  const scheduled = async (rule: string): Promise<Usage> => {
    const count = startCount(deployment);
    await deployment.events.tick(rule);
    return count([]);
  };
  const [sweep, prune] = [await scheduled("-sweep"), await scheduled("-prune")];
  return { single, many, telling, asked, sweep, prune };
}

// SST asks for an account otherwise, as soon as it is loaded.
process.env["NODE_ENV"] ??= "test";
const { synthesise } = await import("../../test/support/stacks/synthesis.ts");

const write = process.argv.includes("--write");
const functions = mkdtempSync(join(tmpdir(), "benchgen-cost-"));
const [dynamoDb, moto] = await Promise.all([startDynamoDbLocal(), startMoto()]);
try {
  const programImage = process.env["BENCHGEN_TEST_IMAGE"];
  const docker = programImage !== undefined && (await fargateImageMissing()) === undefined;
  const settings = docker
    ? { runnerImage: await fargateImage(), defaultImage: programImage }
    : { runnerImage: "runner" };
  await bundleFunctions(functions);
  const stacks = (await synthesise({ stage: testStage, settings })).stacks as StackTemplate[];
  const standIns = { dynamoDb: dynamoDb.endpoint, moto: moto.endpoint };
  const deployment = await deployPrepared({ stacks, functions, docker, standIns });
  try {
    const usage = await measure(deployment);
    const size = deployment.ecs.tasks[0]?.definition;
    const resources = stacks.flatMap(({ template }) => Object.values(template.Resources));
    const text = costDocument({
      ...usage,
      taskCount,
      resources,
      size: { vcpu: Number(size?.cpu) / 1024, gb: Number(size?.memory) / 1024 },
      on: new Date().toISOString().slice(0, 10),
    });
    const formatted = await format(text, { parser: "markdown", printWidth: 120 });
    process.stdout.write(formatted);
    if (write) writeFileSync(new URL("../../docs/cost.md", import.meta.url), formatted);
  } finally {
    await deployment.close();
  }
} finally {
  await Promise.all([dynamoDb.close(), moto.close()]);
  rmSync(functions, { recursive: true });
}

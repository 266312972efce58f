/**
 * Once for the whole suite: the stand-ins for AWS, the templates of the stacks, the functions' bundles, the runner image.
 * What a machine lacks is said, and what depends on it is skipped.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startDynamoDbLocal } from "../support/aws/dynamodb-local.ts";
import { startMoto } from "../support/aws/moto.ts";
import { startOrExplain } from "../support/aws/stand-in.ts";
import { bundleFunctions } from "../support/deployment/bundle.ts";
import type { StackTemplate } from "../support/deployment/intrinsic.ts";
import { synthesise } from "../support/stacks/synthesis.ts";
import { type Prepared, testStage } from "../support/deployment/prepared.ts";
import { fargateImage, fargateImageMissing } from "../support/fargate-image.ts";

declare module "vitest" {
  export interface ProvidedContext {
    prepared: Prepared;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [dynamoDb, moto] = await Promise.all([
    startOrExplain("DynamoDB Local", startDynamoDbLocal),
    startOrExplain("moto's server", startMoto),
  ]);
  const directory = await mkdtemp(join(tmpdir(), "benchgen-functions-"));
  // Named after a process: one of an earlier process with the same id may have left some.
  const records = String(project.config.env["BENCHGEN_TEST_PERMISSIONS"]);
  await rm(records, { recursive: true, force: true });
  const programImage = process.env["BENCHGEN_TEST_IMAGE"];
  const noDocker =
    programImage === undefined ? "BENCHGEN_TEST_IMAGE names no image" : await fargateImageMissing();
  if (noDocker !== undefined) {
    console.warn(`NOT TESTED for want of Docker: the containers of a Fargate task (${noDocker}).`);
  }
  const settings = {
    runnerImage: noDocker === undefined ? await fargateImage() : "runner",
    // Nothing here is older than the test.
    unusedContentDays: 0,
    ...(programImage === undefined ? {} : { defaultImage: programImage }),
  };
  await bundleFunctions(directory);
  const { stacks } = await synthesise({ stage: testStage, settings });
  const missing = [dynamoDb, moto].flatMap((each) => (each.endpoint === undefined ? [each.missing] : []));
  project.provide("prepared", {
    stacks: stacks as StackTemplate[],
    functions: directory,
    docker: noDocker === undefined,
    ...(dynamoDb.endpoint === undefined || moto.endpoint === undefined
      ? { missing: missing.join("; ") }
      : { standIns: { dynamoDb: dynamoDb.endpoint, moto: moto.endpoint } }),
  });
  // After the last project, and so after the check of the roles.
  return async () => {
    await Promise.all([
      dynamoDb.close(),
      moto.close(),
      rm(directory, { recursive: true }),
      rm(records, { recursive: true, force: true }),
    ]);
  };
}

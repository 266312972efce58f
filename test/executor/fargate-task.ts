/** Whole jobs as on Fargate: the containers of the task definition, sharing one network, with the image of a deployment. */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { taskDefinition } from "@benchgen/aws/launcher/task-definition.ts";
import { stageVariable } from "@benchgen/core/job/container.ts";
import { type ModelNetwork, programNames } from "@benchgen/core/wire/job.ts";
import { dockerTasks } from "../support/deployment/docker-task.ts";
import { fargateImage, fargateImageMissing } from "../support/fargate-image.ts";
import { serveJob } from "./job-api.ts";
import { type TestJob, jobOf } from "./job-fixture.ts";

const programImage = process.env["BENCHGEN_TEST_IMAGE"];
/** Why there are no such jobs here; undefined when there are. */
export const missing =
  programImage === undefined ? "BENCHGEN_TEST_IMAGE names no image" : await fargateImageMissing();
const runnerImage = missing === undefined ? await fargateImage() : "";

export interface TaskOptions {
  readonly runnerImage?: string;
  /** Whether an earlier attempt has come to its end. */
  readonly reported?: boolean;
  /** An input that is no zip. */
  readonly damaged?: string;
  /** Runs the task again after a first attempt that is ended as soon as its program prints. */
  readonly interrupted?: boolean;
  readonly modelNetwork?: ModelNetwork;
  /** Of the programs. */
  readonly image?: string;
  /** A platform whose own filter of calls lets nobody take another's sockets. */
  readonly withoutTracing?: boolean;
}

/** The programs' image with another shell, in Python; without one when none is given. */
export async function imageWithShell(source?: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "benchgen-shell-"));
  const image = `benchgen-test:${source === undefined ? "no" : "other"}-shell`;
  const shell = source === undefined ? "" : "&& mv /other-shell /bin/sh";
  const lines = [
    `FROM ${programImage}`,
    "COPY --chown=0:0 other-shell /other-shell",
    `RUN cp -L /bin/sh /bin/sh.real && rm /bin/sh ${shell}`,
  ];
  await writeFile(join(directory, "other-shell"), `#!/usr/bin/env python3\n${source ?? ""}\n`);
  await chmod(join(directory, "other-shell"), 0o755);
  await writeFile(join(directory, "Dockerfile"), lines.join("\n"));
  try {
    await promisify(execFile)("docker", ["build", "--quiet", "--tag", image, directory]);
  } finally {
    await rm(directory, { recursive: true });
  }
  return image;
}

let tasks = 0;
/** Runs a job to the end of its last container. */
export async function runTask(job: TestJob, options: TaskOptions = {}) {
  const { spec, blobs } = await jobOf(job);
  if (options.damaged !== undefined) blobs.set(options.damaged, Buffer.from("no zip"));
  const { kind, limits, network } = spec;
  await using api = await serveJob(spec, blobs, { token: "token", reported: options.reported ?? false });
  const definition = taskDefinition(
    { version: 1, kind, image: options.image ?? null, limits, network },
    {
      prefix: "benchgen-test",
      runnerImage: options.runnerImage ?? runnerImage,
      defaultImage: programImage ?? "",
      architecture: "X86_64",
      executionRoleArn: "arn:aws:iam::123456789012:role/execution",
      logGroup: "/benchgen/test/jobs",
      region: "eu-central-1",
      apiUrl: api.url,
      modelNetwork: options.modelNetwork ?? "gateway",
    },
  );
  for (const { linuxParameters } of definition.containerDefinitions ?? []) {
    if (options.withoutTracing === true) delete linuxParameters?.capabilities?.add;
  }
  const attempt = async (onPrinted?: (container: string) => void, stop = new AbortController()) => {
    const printed: Record<string, string> = {};
    const run = dockerTasks((_task, container, text) => {
      printed[container] = (printed[container] ?? "") + text;
      onPrinted?.(container);
    });
    tasks++;
    const id = `fargate-${process.pid}-${tasks}`;
    const { containers } = await run({ id, definition, environment: tokenOf, signal: stop.signal });
    return { printed, codes: Object.fromEntries(containers.map(({ name, exitCode }) => [name, exitCode])) };
  };
  if (options.interrupted === true) {
    const stop = new AbortController();
    const interrupt = (container: string) => {
      if (programNames.some((name) => name === container))
        stop.abort({ stopCode: "SpotInterruption", stoppedReason: "" });
    };
    await attempt(interrupt, stop);
  }
  const { outcomes, uploaded, requests } = api;
  return { ...(await attempt()), outcomes, uploaded, requests };
}

const tokenOf = (container: string): Record<string, string> =>
  container.startsWith("stage-") ? { [stageVariable.token]: "token" } : {};

/** How the containers of a job with a scoring program end: any other code would have it run again. */
export const fine = { "stage-in": 0, scoring: 0, "stage-out": 0 };

/**
 * The entry point of our own containers: `stage-in`, `relay` or `stage-out`. Exits with 0 when there is nothing left to
 * do, also when the job is over because its inputs cannot be used; with 1 when the platform failed.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PlatformFault, messageOf } from "@benchgen/core/error.ts";
import { stageRoot, stageVariable, volumeName } from "@benchgen/core/job/container.ts";
import { programsOf } from "@benchgen/core/job/layout.ts";
import { type JobSpec, modelNetworks } from "@benchgen/core/wire/job.ts";
import { beginJob, isOver, isReported } from "./begin.ts";
import type { JobChannel } from "./channel.ts";
import { type Host, notesOn, unconfinedDetail } from "./control.ts";
import { readEnding } from "./ending.ts";
import { httpChannel } from "./http-channel.ts";
import { serveRelay } from "./relay.ts";
import { readExit } from "./report.ts";
import { type Ending, stageOut } from "./stage-out.ts";

const startedFile = join(stageRoot, volumeName.stage, "started");
const executor = process.env[stageVariable.executor] ?? "fargate";
const modelNetwork =
  modelNetworks.find((name) => name === process.env[stageVariable.modelNetwork]) ?? "gateway";
const host: Host = { shared: executor === "fargate", modelNetwork };
const now = new Date().toISOString();

async function main(stage: string | undefined): Promise<void> {
  if (stage === "relay") return await serveRelay(join(stageRoot, volumeName.relay));
  const channel = httpChannel(required(stageVariable.apiUrl), required(stageVariable.token));
  if (stage === "stage-in") {
    const begun = await beginJob(channel, stageRoot, { executor, notes: [], startedAt: now, host });
    if (begun) await writeFile(startedFile, now);
  } else if (stage === "stage-out") {
    if (!(await isOver(stageRoot))) await endJob(channel);
  } else {
    throw new Error(`there is no stage "${stage}": name stage-in, relay or stage-out`);
  }
}

async function endJob(channel: JobChannel): Promise<void> {
  try {
    const spec = await channel.spec();
    await stageOut(channel, stageRoot, (await readEnding(stageRoot)) ?? (await endingOf(spec)));
  } catch (error) {
    // Reported by another attempt at the same job, which was given up too early.
    if (!isReported(error)) throw error;
  }
}

/**
 * How the programs ended, where only their wrappers know.
 * @throws PlatformFault `not_staged_in`, `program_not_started`
 */
async function endingOf(spec: JobSpec): Promise<Ending> {
  // ECS takes a program that waits for a stage-in that failed for one that has ended, and starts us.
  const startedAt = await readFile(startedFile, "utf8").catch(() => undefined);
  if (startedAt === undefined) {
    throw new PlatformFault(
      "not_staged_in",
      "The program was not started: stage-in did not come to its end.",
    );
  }
  const exits = await Promise.all(
    programsOf[spec.kind].map(async (name) => {
      const exit = await readExit(stageRoot, name);
      if (exit.cause !== "executor_missing") return exit;
      return { ...exit, detail: unconfinedDetail(spec, name, exit.detail ?? "") };
    }),
  );
  const unstarted = exits.find(({ cause }) => cause === "platform_fault");
  if (unstarted !== undefined) {
    throw new PlatformFault("program_not_started", `The program was not started: ${unstarted.detail}`);
  }
  return { exits, executor, notes: notesOn(host, spec), startedAt };
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
}

try {
  await main(process.argv[2]);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}

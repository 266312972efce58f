/** Collects what a job's programs left, uploads it, and reports how the job ended. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { chunks } from "@benchgen/core/bundle/byte-source.ts";
import { type ZipMember, writeZip } from "@benchgen/core/bundle/zip-writer.ts";
import { BenchgenError, type InvalidInput, PlatformFault, messageOf } from "@benchgen/core/error.ts";
import { reportFile, volumeName } from "@benchgen/core/job/container.ts";
import type { JobFile, JobOutcome, JobSpec } from "@benchgen/core/wire/job.ts";
import type { Reason } from "@benchgen/core/wire/reason.ts";
import type { FileContent, JobChannel } from "./channel.ts";
import { type Collection, collect } from "./collect.ts";
import { type StageExit, reasonOf } from "./exit.ts";
import { readTail, writeNew } from "./file.ts";
import { jobLog } from "./log.ts";
import { outputMetadata } from "./metadata.ts";

/** How the programs ended, and what ran them. */
export interface Ending {
  readonly exits: readonly StageExit[];
  /** `docker`, `bubblewrap`, `namespaces`, `fargate`. */
  readonly executor: string;
  readonly notes: readonly string[];
  /** ISO 8601. */
  readonly startedAt: string;
}

/** Enough for the lines shown and for a last word of the runtime before them. */
const stderrTailBytes = 16 * 1024;

/**
 * Uploads logs and output, then reports. Everything is uploaded whatever the exit: a failed program's output often
 * says why it failed.
 * @throws PlatformFault when something could not be uploaded or reported
 */
export async function stageOut(channel: JobChannel, root: string, ending: Ending): Promise<JobOutcome> {
  const spec = await channel.spec();
  try {
    for (const stream of ["stdout", "stderr"] as const) {
      const programs = ending.exits.map((exit) => exit.name);
      const log = jobLog({ root, programs, stream, maxBytes: spec.limits.logBytes });
      await uploadNew(channel, root, `${stream}.log`, log);
    }
    const collection = await collect(join(root, volumeName.output), spec.limits.diskMb * 1024 ** 2);
    const output =
      collection.excess === undefined
        ? await uploadOutput(channel, root, { spec, ending, collection })
        : undefined;
    const reason = await findReason(root, spec, ending.exits, collection);
    const outcome: JobOutcome = {
      version: 1,
      jobId: spec.jobId,
      status: reason === undefined ? "succeeded" : "failed",
      ...(reason === undefined ? {} : { reason }),
      programs: ending.exits.map(({ cause: _cause, detail: _detail, ...exit }) => exit),
      executor: ending.executor,
      notes: [...ending.notes],
      ...(output === undefined ? {} : { output }),
      startedAt: ending.startedAt,
      endedAt: new Date().toISOString(),
    };
    await channel.report(outcome);
    return outcome;
  } catch (error) {
    if (error instanceof BenchgenError) throw error;
    throw new PlatformFault(
      "stage_out_failed",
      `The job's output could not be collected: ${messageOf(error)}.`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Reports a job whose inputs could not be used: its programs were never started.
 * @throws PlatformFault when it cannot be reported
 */
export async function reportUnusable(
  channel: JobChannel,
  error: InvalidInput,
  ending: Omit<Ending, "exits">,
): Promise<void> {
  const { jobId } = await channel.spec();
  await channel.report({
    version: 1,
    jobId,
    status: "failed",
    reason: {
      code: "input_unreadable",
      message: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    },
    programs: [],
    executor: ending.executor,
    notes: [...ending.notes],
    startedAt: ending.startedAt,
    endedAt: new Date().toISOString(),
  });
}

async function findReason(
  root: string,
  spec: JobSpec,
  exits: readonly StageExit[],
  collection: Collection,
): Promise<Reason | undefined> {
  const stderr: Partial<Record<StageExit["name"], string>> = {};
  for (const { name } of exits) {
    const path = join(root, volumeName.report(name), reportFile.stderr);
    stderr[name] = (await readTail(path, stderrTailBytes)).replaceAll("\u0000", "");
  }
  const reason = reasonOf(exits, spec.limits, stderr);
  if (reason !== undefined || collection.excess === undefined) return reason;
  return { code: "output_too_large", message: collection.excess };
}

async function uploadOutput(
  channel: JobChannel,
  root: string,
  job: { spec: JobSpec; ending: Ending; collection: Collection },
): Promise<NonNullable<JobOutcome["output"]>> {
  const { members, skipped } = job.collection;
  const metadata: ZipMember = {
    path: "metadata",
    open: () => Promise.resolve(chunks([Buffer.from(outputMetadata(job.ending.exits, job.spec.ingestion))])),
  };
  // A program that wrote its own keeps its own.
  const own = members.some(({ path }) => path.toLowerCase() === "metadata" || path.startsWith("metadata/"));
  const all = own ? members : [...members, metadata];
  const { size, sha256 } = await uploadNew(channel, root, "output.zip", writeZip(all));
  return { size, sha256, files: all.length, skipped: [...skipped] };
}

async function uploadNew(
  channel: JobChannel,
  root: string,
  file: JobFile,
  content: AsyncIterable<Uint8Array>,
): Promise<FileContent> {
  const path = join(root, volumeName.stage, file);
  await rm(path, { force: true });
  try {
    const written = await writeNew(path, content);
    await channel.upload(file, written);
    return written;
  } finally {
    await rm(path, { force: true });
  }
}

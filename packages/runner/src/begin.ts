/** The beginning of a job, and the mark of one that is over with it. */
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Conflict, InvalidInput } from "@benchgen/core/error.ts";
import { controlFile, volumeName } from "@benchgen/core/job/container.ts";
import { programNames } from "@benchgen/core/wire/job.ts";
import type { JobChannel } from "./channel.ts";
import { type Host, writeOver } from "./control.ts";
import { stageIn } from "./stage-in.ts";
import { type Ending, reportUnusable } from "./stage-out.ts";

/**
 * Stages a job in. One whose inputs cannot be used is reported, and one that has reported before is left alone: both are
 * over. That is marked in the volumes, so that what comes after in other containers, the program and stage-out, ends at
 * once and well: a container that failed would have the platform run the task again.
 * @returns whether the programs are to be run
 * @throws PlatformFault and what else `stageIn` throws that is not the submitter's doing
 */
export async function beginJob(
  channel: JobChannel,
  root: string,
  { host, ...head }: Omit<Ending, "exits"> & { readonly host: Host },
): Promise<boolean> {
  try {
    await stageIn(channel, root, host);
    return true;
  } catch (error) {
    if (error instanceof InvalidInput) await reportUnusable(channel, error, head);
    else if (!isReported(error)) throw error;
    await markOver(root, host);
    return false;
  }
}

/** Whether the platform said that the job has reported already. */
export function isReported(error: unknown): boolean {
  return error instanceof Conflict && error.code === "job_reported";
}

/** Whether the job was over before its programs started. */
export async function isOver(root: string): Promise<boolean> {
  return await exists(join(root, volumeName.stage, controlFile.over));
}

async function markOver(root: string, host: Host): Promise<void> {
  await writeFile(join(root, volumeName.stage, controlFile.over), "");
  // Of what kind the job is need not be known: it has the volumes that are there.
  for (const control of programNames.map((name) => join(root, volumeName.control(name)))) {
    if (await exists(control)) await writeOver(control, host);
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

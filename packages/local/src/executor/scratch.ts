/** Directories of running jobs: made, handed over, removed whatever a program did to them. */
import { chmod, chown, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { jobVolumes } from "@benchgen/core/job/container.ts";
import type { JobKind } from "@benchgen/core/wire/job.ts";
import { jobOwner } from "@benchgen/runner/owner.ts";
import { runTool } from "./tool.ts";

/** Makes a job's directory with its empty volumes, all belonging to the user that programs run as. */
export async function makeScratch(directory: string, kind: JobKind): Promise<void> {
  const owner = jobOwner();
  for (const path of [directory, ...jobVolumes(kind).map((volume) => join(directory, volume))]) {
    await mkdir(path, { recursive: true });
    if (owner !== undefined) await chown(path, owner.uid, owner.gid);
    await chmod(path, 0o700);
  }
}

/**
 * Removes a directory with everything in it: trees too deep for a path, and directories a program locked against itself.
 * Follows no links.
 * @returns whether nothing is left
 */
export async function removeScratch(directory: string): Promise<boolean> {
  const remove = () => runTool(["rm", "-rf", "--one-file-system", "--", directory], { timeoutMs: 600_000 });
  if ((await remove()).code === 0) return true;
  await runTool(["chmod", "-R", "u+rwX", "--", directory], { timeoutMs: 600_000 });
  return (await remove()).code === 0;
}

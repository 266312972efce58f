/** Watches what the kernel does not limit for an ordinary user: memory of a whole tree, disk of several directories. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Limits } from "@benchgen/core/wire/job.ts";
import { memoryOf, processTree } from "./process-tree.ts";
import { runTool } from "./tool.ts";

const mib = 1024 ** 2;
/** Between two looks at the memory. In that time a program can touch some hundred MiB. */
const memoryPauseMs = 100;
/** Between two looks at the disk, at least; at most a tenth of the time is spent looking. */
const diskPauseMs = 250;

/**
 * Looks at a process tree's memory until the signal.
 * @returns the highest use seen, in bytes; more than the limit when that is why it returned
 */
export async function watchMemory(
  pid: number,
  limits: Pick<Limits, "memoryMb">,
  signal: AbortSignal,
): Promise<{ peak: number; exceeded: boolean }> {
  const limit = limits.memoryMb * mib;
  let peak = 0;
  // The first look is early, so that short programs have a peak as well.
  for (let pause = 20; ; pause = memoryPauseMs) {
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return { peak, exceeded: false };
    const used = memoryOf(processTree(pid), limit);
    peak = Math.max(peak, used);
    if (used > limit) return { peak, exceeded: true };
  }
}

/**
 * Looks at the size of directories until the signal, or until they have grown by more than the limit since it could first
 * be told.
 * @param look at the directories: bytes, or undefined where that cannot be told
 * @returns whether they have
 */
export async function watchDisk(
  directories: readonly string[],
  limits: Pick<Limits, "diskMb">,
  signal: AbortSignal,
  look: typeof diskUse = diskUse,
): Promise<boolean> {
  let before: number | undefined;
  for (;;) {
    const startedAt = performance.now();
    const used = await look(directories, signal);
    if (signal.aborted) return false;
    before ??= used;
    if (used !== undefined && before !== undefined && used - before > limits.diskMb * mib) return true;
    const pause = Math.max(diskPauseMs, 9 * (performance.now() - startedAt));
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return false;
  }
}

/**
 * Bytes the directories take on the disk; undefined where `du` did not come to its end, or is not here. `du` walks trees too deep for a path; as root of a user namespace it also sees
 * into what a program locked against itself.
 */
async function diskUse(directories: readonly string[], signal: AbortSignal): Promise<number | undefined> {
  // Options every `du` knows: sum up, in KiB, one file system, with a total.
  const tool = ["du", "-skxc", "--", ...directories];
  const plain = process.getuid?.() === 0 || process.platform !== "linux";
  // What vanishes while it looks makes it complain, not stop.
  const { stdout } = await runTool(plain ? tool : ["unshare", "--user", "--map-root-user", ...tool], {
    signal,
  });
  const kibibytes = /^(\d+)\s+total$/m.exec(stdout)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

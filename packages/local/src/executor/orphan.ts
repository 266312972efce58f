import { readdir, readlink } from "node:fs/promises";

/**
 * Ends the processes whose standard output leads into the directory of an owner that is gone. Sandboxes die with whoever
 * started them, but for a moment: a bubblewrap whose starter is killed before its inner process has asked for that
 * signal leaves this one waiting for ever. It has run nothing, and nothing else would end it.
 */
export async function endOrphans(directory: string): Promise<void> {
  // Elsewhere than on Linux there are no sandboxes.
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const output = await readlink(`/proc/${pid}/fd/1`).catch(() => "");
    if (output.startsWith(`${directory}/`)) endProcess(Number(pid));
  }
}

/** @param pid negative for a process group */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

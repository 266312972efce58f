import { readdir, readlink, realpath } from "node:fs/promises";

/**
 * Ends the processes whose standard output leads into a directory of what is gone: an owner's, or a killed program's.
 * Sandboxes die with whoever started them, but for moments: a bubblewrap that ends before its inner process has asked for
 * that signal leaves this one to wait for ever, or to run the program on, and nothing else would end it.
 */
export async function endOrphans(directory: string): Promise<void> {
  // The kernel tells the path without the links that lead there.
  const real = await realpath(directory).catch(() => directory);
  await endAll(() => writersInto(`${real}/`), endProcess);
}

/**
 * Ends whatever is found, until twice in a row nothing new is: while it is looked for, one that was not there yet may
 * take the place of one that is gone.
 */
export async function endAll(find: () => Promise<number[]>, end: (pid: number) => void): Promise<void> {
  const ended = new Set<number>();
  for (let calm = 0; calm < 2;) {
    const found = (await find()).filter((pid) => !ended.has(pid));
    for (const pid of found) end(pid);
    for (const pid of found) ended.add(pid);
    calm = found.length === 0 ? calm + 1 : 0;
  }
}

/** Processes whose standard output is a file below that path. */
async function writersInto(prefix: string): Promise<number[]> {
  // Elsewhere than on Linux there are no sandboxes.
  const names = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const outputs = await Promise.all(names.map((pid) => readlink(`/proc/${pid}/fd/1`).catch(() => "")));
  return names.filter((_, index) => outputs[index]?.startsWith(prefix)).map(Number);
}

/** @param pid negative for a process group */
export function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** What `/proc` says about a process and everything that came from it. Linux only. */
import { readFileSync, readdirSync } from "node:fs";

const pageBytes = 4096;

/**
 * The process and all its descendants. A sandbox has a pid namespace, whose orphans are adopted inside, so nothing leaves
 * the tree. Processes that end meanwhile are left out.
 */
export function processTree(root: number): number[] {
  const found = [root];
  for (const pid of found) {
    for (const thread of namesIn(`/proc/${pid}/task`)) {
      const children = textOf(`/proc/${pid}/task/${thread}/children`);
      found.push(...children.split(" ").filter(Boolean).map(Number));
    }
  }
  return found;
}

/**
 * Memory of all of them in bytes. Pages that several share count once for each at first; only if that exceeds `limit` are
 * they divided among their users, which takes the kernel much longer to tell.
 */
export function memoryOf(pids: readonly number[], limit: number): number {
  const resident = sum(pids, (pid) => Number(textOf(`/proc/${pid}/statm`).split(" ")[1] ?? 0) * pageBytes);
  return resident <= limit ? resident : sum(pids, proportionalMemory);
}

function proportionalMemory(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + of(pid), 0);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

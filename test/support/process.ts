/** What runs on this machine, found by a mark that a test's program carries in its arguments. */
import { readFileSync, readdirSync } from "node:fs";
import { until } from "./api.ts";

/** Process ids of those with that text in their command line. Sandboxes hide nothing from the machine they run on. */
export function processesWith(mark: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandLine(pid).includes(mark))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    // It has ended since.
    return "";
  }
}

/** The mark of a `sleep` of so many seconds, and of no other. */
export const sleeping = (seconds: string): string => `sleep\0${seconds}\0`;

/** Waits until at least so many run, or, of none, until the last is gone. */
export async function untilRunning(mark: string, count: number): Promise<void> {
  await until(
    async () => processesWith(mark).length,
    (running) => (count === 0 ? running === 0 : running >= count),
  );
}

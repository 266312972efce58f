/** Reading what the wrapper `program.sh` wrote down. Its author is the program's own user: nothing in it is trusted. */
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { reportFile, volumeName } from "@benchgen/core/job/container.ts";
import type { ProgramName } from "@benchgen/core/wire/job.ts";
import { type StageExit, exitOf, tail } from "./exit.ts";
import { readTail } from "./file.ts";

/** How a program in a container ended, as far as its wrapper could tell; without a word from it, it never started. */
export async function readExit(root: string, name: ProgramName): Promise<StageExit> {
  const report = join(root, volumeName.report(name));
  const text = await readTail(join(report, reportFile.exit), 1024);
  const [, kind = "", problem = ""] = /^(fault|unconfined)=(.*)/s.exec(text) ?? [];
  if (kind !== "" && (await neverStarted(report))) {
    const cause = kind === "fault" ? "platform_fault" : "executor_missing";
    return { name, exitCode: null, elapsedSeconds: 0, cause, detail: tail(problem) };
  }
  const number = (key: string): number | undefined => {
    const digits = new RegExp(`^${key}=(\\d+(?:\\.\\d+)?)$`, "m").exec(text)?.[1];
    return digits === undefined ? undefined : Number(digits);
  };
  const code = number("exit_code");
  if (code === undefined) return { name, exitCode: null, elapsedSeconds: 0 };
  // The kernel's clock has hundredths; their difference in binary has more.
  const elapsed = (number("ended") ?? 0) - (number("started") ?? 0);
  const elapsedSeconds = Math.max(0, Math.round(elapsed * 100) / 100);
  if (number("timed_out") === 1) return { name, exitCode: null, elapsedSeconds, cause: "time_limit" };
  const ended = { name, ...exitOf(code), elapsedSeconds };
  return number("out_of_memory") === 1 && code !== 0 ? { ...ended, cause: "out_of_memory" } : ended;
}

/**
 * A fault of the platform costs no quota, so a program must not be able to claim one: it can write `fault=` itself, but
 * not make a file that belongs to the user of stage-in, who is another than its own where this is asked.
 */
async function neverStarted(report: string): Promise<boolean> {
  const [directory, ticket] = await Promise.all(
    [report, join(report, reportFile.unstarted)].map((path) => lstat(path).catch(() => undefined)),
  );
  return ticket !== undefined && directory !== undefined && ticket.uid !== directory.uid;
}

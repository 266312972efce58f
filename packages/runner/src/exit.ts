/** How a program's end becomes one readable reason. Pure. */
import type { Limits, ProgramExit } from "@benchgen/core/wire/job.ts";
import type { Reason, ReasonCode } from "@benchgen/core/wire/reason.ts";

/** Why a program ended, when it was not its own doing. `stopped`: because another program of the job had failed. */
export const exitCauses = [
  "time_limit",
  "out_of_memory",
  "disk_full",
  "image_not_found",
  "executor_missing",
  "platform_fault",
  "stopped",
] as const;
export type ExitCause = (typeof exitCauses)[number];

export interface StageExit extends ProgramExit {
  readonly cause?: ExitCause;
  /** More about the cause: what could not be started, and what to type. */
  readonly detail?: string;
}

/** Signals that end programs, by the exit code a shell and a sandbox give for them: 128 and the signal's number. */
const signalCodes: Readonly<Record<number, string>> = {
  132: "SIGILL",
  134: "SIGABRT",
  135: "SIGBUS",
  136: "SIGFPE",
  137: "SIGKILL",
  139: "SIGSEGV",
  143: "SIGTERM",
  152: "SIGXCPU",
  153: "SIGXFSZ",
};

/** What an exit code stands for. A program that exits with such a number itself cannot be told apart. */
export function exitOf(code: number): Pick<ProgramExit, "exitCode" | "signal"> {
  const signal = signalCodes[code];
  return signal === undefined ? { exitCode: code } : { exitCode: null, signal };
}

/** How much of a program's stderr is shown with its failure. */
const tailLines = 20;
const tailBytes = 4096;

/** The last lines of a text. */
export function tail(text: string): string {
  const lines = text.trimEnd().split("\n").slice(-tailLines).join("\n");
  return lines.length > tailBytes ? `…${lines.slice(-tailBytes)}` : lines;
}

// What runtimes print when the system refuses them more. Limits on one process and full disks show only there.
const outOfMemoryText =
  /MemoryError|Cannot allocate memory|std::bad_alloc|heap out of memory|ENOMEM|OutOfMemoryError/;
const diskFullText = /No space left on device|ENOSPC|File too large|EFBIG|Disk quota exceeded/;

/**
 * Why the job failed, or undefined when every program succeeded. Limits come before plain failures, and a program that
 * was only stopped because of the other comes last.
 * @param stderr the end of each program's stderr, by its name
 */
export function reasonOf(
  exits: readonly StageExit[],
  limits: Limits,
  stderr: Readonly<Partial<Record<StageExit["name"], string>>>,
): Reason | undefined {
  const failed = exits.filter((exit) => exit.exitCode !== 0 || exit.cause !== undefined);
  const rank = (exit: StageExit) => (exit.cause === "stopped" ? 2 : exit.cause === undefined ? 1 : 0);
  const [exit] = failed.toSorted((a, b) => rank(a) - rank(b));
  if (exit === undefined) return undefined;
  const text = stderr[exit.name] ?? "";
  const shown = tail(text);
  return { ...describe(exit, limits, text), ...(shown === "" ? {} : { stderrTail: shown }) };
}

function describe(exit: StageExit, limits: Limits, stderr: string): Reason {
  const program = `The ${exit.name} program`;
  const cause = exit.cause ?? inferredCause(exit, stderr);
  switch (cause) {
    case "time_limit":
      return reason(
        "time_limit",
        `${program} was ended after its time limit of ${limits.timeSeconds} seconds.`,
        {
          hint: "Make it faster, or raise execution_time_limit of the phase in competition.yaml.",
        },
      );
    case "out_of_memory":
      return reason("out_of_memory", `${program} used more than its ${limits.memoryMb} MiB of memory.`, {
        hint: "Use less, or ask for more under resources: memory in the program's metadata.yaml.",
      });
    case "disk_full":
      return reason("disk_full", `${program} wrote more than its ${limits.diskMb} MiB of disk.`, {
        hint: "Write less, or ask for more under resources: disk in the program's metadata.yaml.",
      });
    case "image_not_found":
    case "executor_missing":
    case "platform_fault":
      return reason(cause, exit.detail ?? `${program} could not be started.`);
    case "stopped":
      return reason("program_failed", `${program} was stopped.`);
    case undefined:
      break;
  }
  return reason("program_failed", `${program} ${ending(exit)}.`, hintFor(exit, stderr));
}

function reason(code: ReasonCode, message: string, extra: { hint?: string } = {}): Reason {
  return { code, message, ...extra };
}

/** What a failing program's own last words say about the limit it met. */
function inferredCause(exit: StageExit, stderr: string): ExitCause | undefined {
  if (exit.signal === "SIGXFSZ") return "disk_full";
  const last = tail(stderr);
  if (outOfMemoryText.test(last)) return "out_of_memory";
  return diskFullText.test(last) ? "disk_full" : undefined;
}

function ending(exit: ProgramExit): string {
  if (exit.signal !== undefined) return `was ended by the signal ${exit.signal}`;
  return exit.exitCode === null ? "did not start" : `failed with exit code ${exit.exitCode}`;
}

const missingModuleText = /^ModuleNotFoundError: No module named '([\w.]+)'$/m;

/** What a shell's two special codes mean, and what a Python that lacks a package needs. */
function hintFor(exit: ProgramExit, stderr: string): { hint?: string } {
  if (exit.exitCode === 127) {
    return {
      hint: "127 means that the command was not found: is it installed where programs run, or in the image? A virtual environment that BENCHGEN_EXPOSE names leads to the Python it was made with, which has to be in /usr or named as well.",
    };
  }
  if (exit.exitCode === 126) return { hint: "126 means that the command is no program that can be run." };
  const module = missingModuleText.exec(tail(stderr))?.[1];
  if (module === undefined) return {};
  return {
    hint: `Python found no "${module}". A package must be in the docker image, or on this machine in /usr or in a directory that BENCHGEN_EXPOSE names; a file of your own, beside the program or in the submission.`,
  };
}

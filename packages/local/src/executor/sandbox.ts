/** Runs programs in sandboxes of this machine and keeps their limits; how a sandbox is made is its caller's. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PlatformFault, messageOf } from "@benchgen/core/error.ts";
import { programMounts, volumeName } from "@benchgen/core/job/container.ts";
import type { JobProgram, ProgramName } from "@benchgen/core/wire/job.ts";
import { type ExitCause, type StageExit, exitOf, tail } from "@benchgen/runner/exit.ts";
import { readTail } from "@benchgen/runner/file.ts";
import { jobOwner } from "@benchgen/runner/owner.ts";
import type { Execution, ExecutionHooks } from "./executor.ts";
import { watchDisk, watchMemory } from "./limit-watch.ts";
import { OutputCapture } from "./output-capture.ts";
import { endOrphans, endProcess } from "./orphan.ts";
import { type OutputPipe, openPipes } from "./output-pipe.ts";
import { argumentsFd, exitCodeIn, statusFd } from "./sandbox-command.ts";
import { systemPath } from "./tool.ts";

/** How one program is started. */
export interface SandboxStart {
  readonly argv: readonly string[];
  /** What the sandbox reads, so that it is on no command line: from its standard input or from `argumentsFd`. */
  readonly hidden: { readonly fd: 0 | typeof argumentsFd; readonly text: string };
}

export type SandboxMaker = (execution: Execution, program: JobProgram) => SandboxStart;

/** How long the other program of a job goes on when one has failed: to say what it has to say. */
const graceMs = 5_000;

/** The `run` of a sandbox's executor. */
export async function runInSandboxes(
  execution: Execution,
  hooks: ExecutionHooks,
  make: SandboxMaker,
): Promise<StageExit[]> {
  hooks.signal.throwIfAborted();
  const over = new AbortController();
  const { programs, limits } = execution.spec;
  const running: RunningProgram[] = [];
  const stop = (cause?: ExitCause) => running.forEach((program) => program.kill(cause));
  hooks.signal.addEventListener("abort", () => stop(), { signal: over.signal });
  try {
    for (const program of programs) {
      running.push(await RunningProgram.start(execution, program, { hooks, make }));
      // Asked to end while it was being started, when there was nothing to stop yet.
      hooks.signal.throwIfAborted();
    }
    const directories = new Set(
      programs.flatMap(({ name }) => programMounts(name).map(({ volume }) => join(execution.root, volume))),
    );
    void watchDisk([...directories], limits, over.signal).then((full) => full && stop("disk_full"));
    const exits = running.map(async (program) => {
      const exit = await program.exit;
      // The other would wait for it in vain, up to its time limit.
      if (exit.exitCode !== 0) setTimeout(() => stop("stopped"), graceMs).unref();
      return exit;
    });
    const ended = await Promise.all(exits);
    hooks.signal.throwIfAborted();
    return ended;
  } finally {
    over.abort();
    stop();
    await Promise.allSettled(running.map((program) => program.exit));
  }
}

class RunningProgram {
  readonly exit: Promise<StageExit>;
  readonly #name: ProgramName;
  readonly #child: ChildProcess;
  readonly #execution: Execution;
  readonly #startedAt = performance.now();
  #cause: ExitCause | undefined;
  #killed = false;

  private constructor(
    execution: Execution,
    name: ProgramName,
    child: ChildProcess,
    { ended, streams }: { ended: Promise<void>; streams: Promise<unknown> },
  ) {
    this.#execution = execution;
    this.#name = name;
    this.#child = child;
    this.exit = this.#finish(ended, streams);
    // Whoever waits for it comes later.
    this.exit.catch(() => undefined);
    // What cannot be kept need not be run to its end.
    streams.catch(() => this.kill());
  }

  static async start(
    execution: Execution,
    program: JobProgram,
    how: { hooks: ExecutionHooks; make: SandboxMaker },
  ): Promise<RunningProgram> {
    const report = join(execution.root, volumeName.report(program.name));
    const { argv, hidden } = how.make(execution, program);
    const [file = "", ...rest] = argv;
    const pipes = await openPipes(report, ["stdout", "stderr"], jobOwner());
    const [stdout, stderr] = pipes as [OutputPipe, OutputPipe];
    const child = spawn(file, rest, {
      cwd: "/",
      // A sandbox's own process shows its environment to the program.
      env: { PATH: systemPath },
      // Ctrl-C in a terminal reaches us, and we decide.
      detached: true,
      stdio: [
        hidden.fd === 0 ? "pipe" : "ignore",
        stdout.input.fd,
        stderr.input.fd,
        hidden.fd === argumentsFd ? "pipe" : "ignore",
        "pipe",
      ],
    });
    // Before anything is awaited: a process that ends at once would be waited for in vain.
    const ended = endOf(child);
    await Promise.all([stdout.input.close(), stderr.input.close()]);
    const input = child.stdio[hidden.fd];
    if (input && "write" in input) {
      // A sandbox that dies before it has read everything says so by its exit.
      input.on("error", () => undefined);
      input.end(hidden.text);
    }
    const maxBytes = execution.spec.limits.logBytes;
    const relay = async (stream: "stdout" | "stderr", pipe: OutputPipe) => {
      const capture = await OutputCapture.open(report, stream, maxBytes);
      try {
        for await (const chunk of pipe.output as AsyncIterable<Buffer>) {
          how.hooks.onOutput(program.name, stream, chunk);
          await capture.take(chunk);
        }
      } finally {
        await capture.close();
      }
    };
    const streams = Promise.all([relay("stdout", stdout), relay("stderr", stderr)]).catch(outputLost);
    return new RunningProgram(execution, program.name, child, { ended, streams });
  }

  /**
   * Ends the whole tree: the sandbox's first process takes everything with it. Its group, because one that is only being
   * made is not yet tied to it. The first cause counts.
   */
  kill(cause?: ExitCause): void {
    if (this.#killed) return;
    this.#killed = true;
    this.#cause = cause;
    if (this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null) {
      endProcess(-this.#child.pid);
    }
  }

  async #finish(ended: Promise<void>, streams: Promise<unknown>): Promise<StageExit> {
    const { limits } = this.#execution.spec;
    const over = new AbortController();
    const status = textOf(this.#child.stdio[statusFd] as NodeJS.ReadableStream);
    const clock = setTimeout(() => this.kill("time_limit"), limits.timeSeconds * 1000);
    const memory = this.#watchMemory(over.signal);
    try {
      await ended;
    } finally {
      over.abort();
      clearTimeout(clock);
    }
    const elapsedSeconds = Math.round(performance.now() - this.#startedAt) / 1000;
    // Bubblewrap's inner process leaves its group a moment before it asks to die with the outer one: killed in between,
    // it would run the program on, and hold its output.
    if (this.#killed) await endOrphans(this.#report);
    await streams;
    const code = exitCodeIn(await status);
    const exit = { name: this.#name, elapsedSeconds, peakMemoryMb: Math.round((await memory) / 1024 ** 2) };
    // It may have come to its end by itself just before.
    if (code !== undefined) return { ...exit, ...exitOf(code) };
    if (this.#killed) {
      return { ...exit, exitCode: null, signal: "SIGKILL", ...(this.#cause && { cause: this.#cause }) };
    }
    const stderr = await readTail(join(this.#report, "stderr.log"), 4096);
    throw new PlatformFault("sandbox_failed", `The sandbox could not be started: ${tail(stderr)}`, {
      hint: "`benchgen doctor` says what this machine can run.",
    });
  }

  get #report(): string {
    return join(this.#execution.root, volumeName.report(this.#name));
  }

  async #watchMemory(signal: AbortSignal): Promise<number> {
    if (this.#child.pid === undefined) return 0;
    const { peak, exceeded } = await watchMemory(this.#child.pid, limitsOf(this.#execution.spec), signal);
    if (exceeded) this.kill("out_of_memory");
    return peak;
  }
}

/** MiB that the process between a program and the gateway takes. */
const relayMemoryMb = 96;

function limitsOf({ limits, network }: Execution["spec"]): { memoryMb: number } {
  return { memoryMb: limits.memoryMb + (network === "gateway" ? relayMemoryMb : 0) };
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  // It carries a line or two; who writes more is no sandbox of ours.
  for await (const chunk of stream) if (text.length < 4096) text += String(chunk);
  return text;
}

function outputLost(error: unknown): never {
  const message = `What the program printed could not be kept: ${messageOf(error)}.`;
  throw new PlatformFault("output_lost", message, { cause: error });
}

/** The end of a process, also of one that could not be started. */
function endOf(child: ChildProcess): Promise<void> {
  const end = once(child, "exit").then(
    () => undefined,
    (error: unknown) => {
      throw new PlatformFault("sandbox_failed", `The sandbox could not be started: ${messageOf(error)}.`, {
        cause: error,
      });
    },
  );
  // Whoever waits for it comes later.
  end.catch(() => undefined);
  return end;
}

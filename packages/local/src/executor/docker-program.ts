/** The containers of a job's programs while they run: their limits, their output, their ends. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PlatformFault } from "@benchgen/core/error.ts";
import { programMounts } from "@benchgen/core/job/container.ts";
import type { ProgramName } from "@benchgen/core/wire/job.ts";
import { type ExitCause, type StageExit, exitOf } from "@benchgen/runner/exit.ts";
import { readExit } from "@benchgen/runner/report.ts";
import type { Docker } from "./docker-engine.ts";
import type { Execution, ExecutionHooks } from "./executor.ts";
import { watchDisk } from "./limit-watch.ts";

/** Longer than the wrapper's own clock, which says more about the end. */
const clockGraceMs = 5_000;
const graceMs = 5_000;

/** How the container of one program is started. */
export interface ContainerStart {
  readonly name: ProgramName;
  readonly container: string;
  readonly child: () => ChildProcess;
}

/**
 * Runs the containers of a job's programs to their ends, and removes them.
 * @throws the signal's reason when it was aborted; PlatformFault `docker_failed`
 */
export async function runContainers(
  execution: Execution,
  hooks: ExecutionHooks,
  { docker, start }: { docker: Docker; start: readonly ContainerStart[] },
): Promise<StageExit[]> {
  // Asked to end while the image was looked for. From here on nothing is awaited before the listener is there.
  hooks.signal.throwIfAborted();
  const over = new AbortController();
  const causes = new Map<ProgramName, ExitCause | "cancelled">();
  const gone = new Set<ProgramName>();
  const end = async ({ name, container }: ContainerStart, cause: ExitCause | "cancelled") => {
    if (gone.has(name) || causes.has(name)) return;
    causes.set(name, cause);
    // It may not be there yet; killing the client instead would leave the container running.
    while ((await docker(["kill", container])).code !== 0 && !gone.has(name)) await sleep(200);
  };
  const endAll = (cause: ExitCause | "cancelled") => start.forEach((program) => void end(program, cause));
  hooks.signal.addEventListener("abort", () => endAll("cancelled"), { signal: over.signal });
  const directories = new Set(
    start.flatMap(({ name }) => programMounts(name).map(({ volume }) => join(execution.root, volume))),
  );
  void watchDisk([...directories], execution.spec.limits, over.signal).then(
    (full) => full && endAll("disk_full"),
  );
  try {
    const exits = start.map(async (program) => {
      const clock = setTimeout(
        () => void end(program, "time_limit"),
        execution.spec.limits.timeSeconds * 1000 + clockGraceMs,
      );
      try {
        const exit = await followContainer(execution, hooks, { docker, program, causes });
        if (exit.exitCode !== 0) setTimeout(() => endAll("stopped"), graceMs).unref();
        return exit;
      } finally {
        clearTimeout(clock);
        gone.add(program.name);
      }
    });
    const ended = await Promise.all(exits);
    hooks.signal.throwIfAborted();
    return ended;
  } finally {
    over.abort();
    await Promise.all(start.map(({ container }) => docker(["rm", "--force", "--volumes", container])));
  }
}

async function followContainer(
  execution: Execution,
  hooks: ExecutionHooks,
  run: { docker: Docker; program: ContainerStart; causes: ReadonlyMap<ProgramName, ExitCause | "cancelled"> },
): Promise<StageExit> {
  const { name, container } = run.program;
  const startedAt = performance.now();
  const child = run.program.child();
  let problem = "";
  child.stdout?.on("data", (chunk: Buffer) => hooks.onOutput(name, "stdout", chunk));
  child.stderr?.on("data", (chunk: Buffer) => {
    problem = (problem + chunk.toString()).slice(-2000);
    hooks.onOutput(name, "stderr", chunk);
  });
  const [code] = (await once(child, "close")) as [number | null];
  const elapsedSeconds = Math.round(performance.now() - startedAt) / 1000;
  const state = await run.docker([
    "inspect",
    "--format={{.State.OOMKilled}} {{.State.StartedAt}}",
    container,
  ]);
  const started = state.code === 0 && !state.stdout.includes(" 0001-");
  if (!started || code === 125) {
    throw new PlatformFault("docker_failed", `Docker could not start the program: ${problem.trim()}`);
  }
  const exit = await readExit(execution.root, name);
  const cause = run.causes.get(name);
  if (cause !== undefined && cause !== "cancelled") {
    return { name, exitCode: null, signal: "SIGKILL", elapsedSeconds, cause };
  }
  const reported = exit.exitCode !== null || exit.signal !== undefined || exit.cause !== undefined;
  // The wrapper exits with 0 once it has told the end; where the end is not to be found, it was no good one.
  const unreported = code === 0 ? { exitCode: null } : exitOf(code ?? 137);
  const ended = reported ? exit : { name, ...unreported, elapsedSeconds };
  return state.stdout.startsWith("true") && ended.exitCode !== 0
    ? { ...ended, cause: "out_of_memory" }
    : ended;
}

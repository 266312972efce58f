/** The docker executor: the same three containers as on Fargate, from the same description of the job. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PlatformFault } from "@benchgen/core/error.ts";
import {
  type JobContainer,
  containerJob,
  programMounts,
  stageVariable,
} from "@benchgen/core/job/container.ts";
import type { ProgramName } from "@benchgen/core/wire/job.ts";
import { type ExitCause, type StageExit, exitOf } from "@benchgen/runner/exit.ts";
import { type Owner, jobOwner } from "@benchgen/runner/owner.ts";
import { readExit } from "@benchgen/runner/report.ts";
import { Lazy } from "../lazy.ts";
import { dockerRun, ownerLabel, workLabel } from "./docker-command.ts";
import { type Docker, dockerEnvironment, missingImage, probeEngine } from "./docker-engine.ts";
import { type DockerRelay, withRelays } from "./docker-relay.ts";
import type { Execution, ExecutionHooks, Executor } from "./executor.ts";
import { watchDisk } from "./limit-watch.ts";
import { ensureRunnerImage } from "./runner-image.ts";
import { type ToolResult, runTool } from "./tool.ts";

export interface DockerOptions {
  /** Which process's containers these are. */
  readonly ownerId: string;
  /** Which data directory's: owners of another are none of our business. */
  readonly workId: string;
  /** For environments that name none. */
  readonly defaultImage?: string;
}

export interface Stage {
  readonly name: "stage-in" | "stage-out";
  readonly execution: Pick<Execution, "root" | "spec" | "image">;
  readonly apiUrl: string;
  readonly token: string;
  readonly signal: AbortSignal;
}

export interface DockerExecutor extends Executor {
  /** Runs one of our own stages in a container. Exit code and stderr are the container's. */
  stage(stage: Stage): Promise<ToolResult>;
  /** Removes containers of owners that are no more. */
  sweep(isAlive: (ownerId: string) => Promise<boolean>): Promise<void>;
}

/** Longer than the wrapper's own clock, which says more about the end. */
const clockGraceMs = 5_000;
const graceMs = 5_000;

export function createDocker(options: DockerOptions): DockerExecutor {
  const environment = dockerEnvironment();
  const docker = (words: readonly string[], signal?: AbortSignal) =>
    runTool(["docker", ...words], { environment, ...(signal === undefined ? {} : { signal }) });
  const labels = { [ownerLabel]: options.ownerId, [workLabel]: options.workId };
  const ownImage = new Lazy(() => ensureRunnerImage(["docker"], environment));

  const words = (
    execution: Stage["execution"],
    container: JobContainer,
    image: string,
    more: { passed?: string[]; relay?: string } = {},
  ) =>
    dockerRun({
      container,
      name: containerName(execution, container.name),
      image,
      root: execution.root,
      user: containerUser(),
      labels,
      cpus: cpus().length,
      passed: [],
      ...more,
    });
  /** One for each program: they do not share a loopback. */
  const relaysFor = async ({ spec, gatewaySocket: socket }: Execution): Promise<DockerRelay[]> => {
    if (spec.network !== "gateway" || socket === undefined) return [];
    const image = await ownImage.get();
    return spec.programs.map(({ name }) => ({
      program: name,
      name: `benchgen-${spec.jobId}-${name}-relay`,
      image,
      user: containerUser(),
      labels,
      socket,
    }));
  };

  return {
    name: "docker",
    probe: () => probeEngine(docker),
    async run(execution, hooks) {
      hooks.signal.throwIfAborted();
      const image = execution.image ?? options.defaultImage;
      const missing = await missingImage(image, docker);
      if (missing !== undefined) return execution.spec.programs.map(({ name }) => ({ ...missing, name }));
      const { kind, limits, network } = execution.spec;
      const { containers } = containerJob({ version: 1, kind, image: image ?? null, limits, network });
      const programs = containers.filter((container) => !container.image.runner);
      const start = (container: JobContainer, relay: string | undefined): ContainerStart => ({
        name: container.name as ProgramName,
        container: containerName(execution, container.name),
        child: () =>
          spawn("docker", words(execution, container, image ?? "", relay === undefined ? {} : { relay }), {
            env: environment,
            // Ctrl-C in a terminal reaches us, and we decide.
            detached: true,
            stdio: ["ignore", "pipe", "pipe"],
          }),
      });
      const relays = await relaysFor(execution);
      return await withRelays(relays, { environment, docker }, () =>
        runContainers(execution, hooks, {
          docker,
          start: programs.map((container) =>
            start(container, relays.find(({ program }) => program === container.name)?.name),
          ),
        }),
      );
    },
    async stage({ name, execution, apiUrl, token, signal }) {
      const image = await ownImage.get();
      const { kind, limits, network } = execution.spec;
      const container = containerJob({
        version: 1,
        kind,
        image: execution.image,
        limits,
        network,
      }).containers.find((candidate) => candidate.name === name);
      if (container === undefined) throw new Error(`a job has no container ${name}`);
      const credentials = {
        [stageVariable.apiUrl]: apiUrl,
        [stageVariable.token]: token,
        [stageVariable.executor]: "docker",
      };
      try {
        return await runTool(
          ["docker", ...words(execution, container, image, { passed: Object.keys(credentials) })],
          {
            environment: { ...environment, ...credentials },
            signal,
            timeoutMs: 3_600_000,
          },
        );
      } finally {
        await docker(["rm", "--force", containerName(execution, name)]);
      }
    },
    async sweep(isAlive) {
      const format = `--format={{.ID}} {{.Label "${ownerLabel}"}}`;
      const { stdout } = await docker([
        "ps",
        "--all",
        `--filter=label=${workLabel}=${options.workId}`,
        format,
      ]);
      for (const line of stdout.split("\n")) {
        const [id = "", owner = ""] = line.split(" ");
        if (id !== "" && owner !== options.ownerId && !(await isAlive(owner)))
          await docker(["rm", "--force", id]);
      }
    },
  };
}

interface ContainerStart {
  readonly name: ProgramName;
  readonly container: string;
  readonly child: () => ChildProcess;
}

async function runContainers(
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

function containerName(execution: Stage["execution"], name: JobContainer["name"]): string {
  return `benchgen-${execution.spec.jobId}-${name}`;
}

function containerUser(): Owner {
  return jobOwner() ?? { uid: process.getuid?.() ?? 65532, gid: process.getgid?.() ?? 65532 };
}

/** The docker executor: the same three containers as on Fargate, from the same description of the job. */
import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { type JobContainer, containerJob, stageVariable } from "@benchgen/core/job/container.ts";
import type { ProgramName } from "@benchgen/core/wire/job.ts";
import { type Owner, jobOwner } from "@benchgen/runner/owner.ts";
import { Lazy } from "../lazy.ts";
import { dockerRun, ownerLabel, workLabel } from "./docker-command.ts";
import { dockerEnvironment, missingImage, probeEngine } from "./docker-engine.ts";
import { type ContainerStart, runContainers } from "./docker-program.ts";
import { type DockerRelay, withRelays } from "./docker-relay.ts";
import type { Execution, Executor } from "./executor.ts";
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

function containerName(execution: Stage["execution"], name: JobContainer["name"]): string {
  return `benchgen-${execution.spec.jobId}-${name}`;
}

function containerUser(): Owner {
  return jobOwner() ?? { uid: process.getuid?.() ?? 65532, gid: process.getgid?.() ?? 65532 };
}

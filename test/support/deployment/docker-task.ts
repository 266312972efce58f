/** The containers of a Fargate task, run by docker from the task definition that is registered. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { systemPath, runTool } from "@benchgen/local/executor/tool.ts";
import type { ContainerEnd, RunContainers, TaskEnd, TaskStop } from "./ecs.ts";

/** What each container prints, as its log driver would take it. */
export type OnOutput = (taskId: string, container: string, text: string) => void;

const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(DOCKER_|HOME$|XDG_)/.test(name))),
  PATH: `${process.env["PATH"] ?? ""}:${systemPath}`,
};

const docker = (words: readonly string[]) => runTool(["docker", ...words], { environment });

/** Every container shares the network, as those of a Fargate task do; here it is this machine's own. */
export function dockerTasks(onOutput: OnOutput): RunContainers {
  return async ({ id, definition, environment: overrides, signal }) => {
    const containers = definition.containerDefinitions ?? [];
    const missing = await missingImage(containers);
    if (missing !== undefined) return cannotPull(containers, missing);
    const root = await mkdtemp(join(tmpdir(), "benchgen-task-"));
    for (const { name = "" } of definition.volumes ?? []) await mkdir(join(root, name));
    const running = new Set<string>();
    const over = new AbortController();
    const stopAll = (): void => {
      over.abort();
      // SIGTERM, and SIGKILL for those that do not mind it: ECS waits for half a minute in between.
      for (const name of running) void docker(["stop", "--time=2", name]);
    };
    let stopped: TaskStop | undefined;
    signal.addEventListener("abort", () => {
      stopped = signal.reason as TaskStop;
      stopAll();
    });
    if (signal.aborted) stopAll();

    const ends = new Map<string, Promise<ContainerEnd>>();
    const runOne = async (container: ContainerDefinition): Promise<ContainerEnd> => {
      const { name = "" } = container;
      for (const { containerName = "", condition } of container.dependsOn ?? []) {
        const dependency = await ends.get(containerName);
        // ECS's agent stops what can never start any more.
        if (condition === "SUCCESS" && dependency?.exitCode !== 0) return { name };
      }
      if (over.signal.aborted) return { name };
      const given = { ...fargateEnvironment, ...definedIn(container), ...overrides(name) };
      const containerName = `benchgen-task-${id}-${name}`;
      running.add(containerName);
      try {
        return await runContainer({
          containerName,
          container,
          root,
          given,
          onOutput: (text) => onOutput(id, name, text),
        });
      } finally {
        running.delete(containerName);
        if (container.essential !== false) stopAll();
      }
    };
    try {
      for (const container of containers) ends.set(container.name ?? "", runOne(container));
      const ended = await Promise.all(ends.values());
      const usual = {
        stopCode: "EssentialContainerExited",
        stoppedReason: "Essential container in task exited",
      };
      return { ...(stopped ?? usual), containers: ended };
    } finally {
      await removeRoot(root, containers);
    }
  };
}

/** What Fargate tells every container. There is no path to credentials: the task has no role. */
const fargateEnvironment = {
  AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
  AWS_REGION: "us-east-1",
  AWS_DEFAULT_REGION: "us-east-1",
  ECS_CONTAINER_METADATA_URI_V4: "http://169.254.170.2/v4/test",
};

function definedIn({ environment = [] }: ContainerDefinition): Record<string, string> {
  return Object.fromEntries(environment.map(({ name = "", value = "" }) => [name, value]));
}

async function runContainer(run: {
  containerName: string;
  container: ContainerDefinition;
  root: string;
  given: Record<string, string>;
  onOutput: (text: string) => void;
}): Promise<ContainerEnd> {
  const { containerName, container, root, given } = run;
  const child = spawn("docker", dockerWords(containerName, container, root, Object.keys(given)), {
    env: { ...environment, ...given },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", run.onOutput);
  const [code] = (await once(child, "close")) as [number | null];
  const state = await docker(["inspect", "--format={{.State.OOMKilled}}", containerName]);
  await docker(["rm", "--force", containerName]);
  return {
    name: container.name ?? "",
    exitCode: code ?? 137,
    ...(state.stdout.startsWith("true")
      ? { reason: "OutOfMemoryError: Container killed due to memory usage" }
      : {}),
  };
}

/** A container definition as words of the docker command line: what of it has no word here is an error. */
export function dockerWords(
  name: string,
  container: ContainerDefinition,
  root: string,
  passed: readonly string[],
): string[] {
  const {
    entryPoint = [],
    command = [],
    linuxParameters,
    memory,
    cpu,
    ulimits = [],
    mountPoints = [],
  } = container;
  const [entry, ...words] = entryPoint;
  return [
    "run",
    `--name=${name}`,
    "--pull=never",
    "--network=host",
    ...(linuxParameters?.initProcessEnabled === true ? ["--init"] : []),
    ...(container.readonlyRootFilesystem === true ? ["--read-only"] : []),
    ...(linuxParameters?.capabilities?.drop ?? []).map((capability) => `--cap-drop=${capability}`),
    ...(linuxParameters?.capabilities?.add ?? []).map((capability) => `--cap-add=${capability}`),
    ...(container.user === undefined ? [] : [`--user=${container.user}`]),
    ...(container.workingDirectory === undefined ? [] : [`--workdir=${container.workingDirectory}`]),
    ...mountPoints.map(
      ({ sourceVolume, containerPath, readOnly }) =>
        `--mount=type=bind,source=${root}/${sourceVolume},target=${containerPath}${readOnly === true ? ",readonly" : ""}`,
    ),
    ...(memory === undefined ? [] : [`--memory=${memory}m`, `--memory-swap=${memory}m`]),
    ...(cpu === undefined || cpu === 0 ? [] : [`--cpus=${Math.min(cpu / 1024, cpus().length)}`]),
    ...ulimits.map(({ name: limit, softLimit, hardLimit }) => `--ulimit=${limit}=${softLimit}:${hardLimit}`),
    ...passed.map((variable) => `--env=${variable}`),
    ...(entry === undefined ? [] : [`--entrypoint=${entry}`]),
    container.image ?? "",
    ...words,
    ...command,
  ];
}

async function missingImage(containers: readonly ContainerDefinition[]): Promise<string | undefined> {
  for (const { image = "" } of containers) {
    const { code } = await docker(["image", "inspect", "--format={{.Id}}", "--", image]);
    if (code !== 0) return image;
  }
  return undefined;
}

/** As ECS says it of an image that its registry does not have. */
function cannotPull(containers: readonly ContainerDefinition[], image: string): TaskEnd {
  const reason = `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref docker.io/${image}: docker.io/${image}: not found`;
  return {
    stopCode: "TaskFailedToStart",
    stoppedReason: reason,
    containers: containers.map(({ name = "", image: own }) => ({
      name,
      ...(own === image ? { reason } : {}),
    })),
  };
}

/** Files in it belong to the containers' users: removed by one of them where the suite is not root. */
async function removeRoot(root: string, containers: readonly ContainerDefinition[]): Promise<void> {
  const { code } = await runTool(["rm", "-rf", "--", root], {});
  const image = containers.find(({ entryPoint }) => entryPoint !== undefined)?.image;
  if (code === 0 || image === undefined) return;
  const mount = `--mount=type=bind,source=${root},target=/root-of-task`;
  await docker([
    "run",
    "--rm",
    "--pull=never",
    mount,
    "--entrypoint=/bin/sh",
    image,
    "-c",
    "rm -rf /root-of-task/*",
  ]);
  await runTool(["rm", "-rf", "--", root], {});
}

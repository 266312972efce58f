/** A container of the job's description as words of the docker command line: pure. */
import type { JobContainer } from "@benchgen/core/job/container.ts";
import type { Limits } from "@benchgen/core/wire/job.ts";
import type { Owner } from "@benchgen/runner/owner.ts";
import { sharedMemoryMb } from "./sandbox-command.ts";

/** By these a later start finds what an earlier one left running. */
export const ownerLabel = "benchgen.owner";
export const workLabel = "benchgen.work";

export interface DockerRun {
  readonly container: JobContainer;
  /** Unique on the machine. */
  readonly name: string;
  /** The image's name, for our own containers too. */
  readonly image: string;
  /** The job's volumes: directories of this one. */
  readonly root: string;
  readonly user: Owner;
  readonly labels: Readonly<Record<string, string>>;
  /** CPUs of the machine: docker refuses to give more. */
  readonly cpus: number;
  /** Names of variables to pass on from docker's own environment: values stay off the command line. */
  readonly passed: readonly string[];
  /** The container whose network it joins, for a program whose network is `gateway`. */
  readonly relay?: string;
}

/** Processes of the wrapper and of docker's init, beside the program's own. */
const ownProcesses = 16;

/** What every container of a job is started with: the first words after `docker`. */
export function confinedRun({ name, labels, user }: Pick<DockerRun, "name" | "labels" | "user">): string[] {
  return [
    "run",
    `--name=${name}`,
    ...Object.entries(labels).map(([label, value]) => `--label=${label}=${value}`),
    "--pull=never",
    // Without it a program that signals itself as process 1 is not ended by it.
    "--init",
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--log-driver=none",
    `--user=${user.uid}:${user.gid}`,
  ];
}

/** The words after `docker`. */
export function dockerRun(run: DockerRun): string[] {
  const { container } = run;
  const [entrypoint, ...words] = container.command;
  return [
    ...confinedRun(run),
    ...networkOptions(run),
    `--workdir=${container.workingDirectory}`,
    ...container.mounts.map(
      ({ volume, path, readOnly }) =>
        `--mount=type=bind,source=${run.root}/${volume},target=${path}${readOnly ? ",readonly" : ""}`,
    ),
    ...(container.limits === undefined ? [] : limitOptions(container.limits, run.cpus)),
    ...run.passed.map((name) => `--env=${name}`),
    // Our own image knows what it is; a stranger's may start with anything.
    ...(container.image.runner
      ? [run.image, ...container.command]
      : [`--entrypoint=${entrypoint}`, run.image, ...words]),
  ];
}

/** `api`: only our own containers; the API of a machine listens on its loopback. */
const networks = { none: "none", gateway: "none", open: "bridge", api: "host" } as const;

/** A host name belongs to a network: Docker gives whoever joins one that of its first container. */
function networkOptions({ container, relay }: DockerRun): string[] {
  if (relay !== undefined) return [`--network=container:${relay}`];
  return ["--hostname=benchgen", `--network=${networks[container.network]}`];
}

function limitOptions(limits: Limits, cpus: number): string[] {
  const file = limits.diskMb * 1024 ** 2;
  return [
    `--memory=${limits.memoryMb}m`,
    // The same number: no swap.
    `--memory-swap=${limits.memoryMb}m`,
    `--shm-size=${sharedMemoryMb(limits)}m`,
    `--pids-limit=${limits.processes + ownProcesses}`,
    `--cpus=${Math.min(limits.cpus, cpus)}`,
    "--ulimit=core=0",
    `--ulimit=fsize=${file}:${file}`,
  ];
}

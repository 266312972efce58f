/**
 * A job as containers: stage-in, then the program or programs, then stage-out. The one description both the local
 * docker executor and an ECS task definition are made from. Source: design.md, "A container job".
 */
import type { JobDefinition, JobKind, NetworkMode, ProgramName } from "../wire/job.ts";
import { appDirectory, outputDirectory, programDirectory, programsOf, sharedDirectory } from "./layout.ts";

/** Directories a program's container has besides `/app`: what it is told, what it tells, and where its relay listens. */
export const controlDirectory = "/benchgen/control";
export const reportDirectory = "/benchgen/report";
export const relayDirectory = "/benchgen/relay";
/** Where our own containers see every volume, each under its name. */
export const stageRoot = "/job";

/** Files in the control and report volumes; the wrapper, stage-in and stage-out agree on them. */
export const controlFile = {
  wrapper: "program.sh",
  launch: "launch.sh",
  /** Takes the network away from a program where containers share one interface. */
  confine: "confine",
  /** Which network it leaves the program: `none`, `gateway` or `open`. */
  network: "network",
  /** There when the job is over before its programs start. */
  over: "over",
} as const;
export const reportFile = {
  exit: "exit",
  /** Made by stage-in, removed by the wrapper right before the program starts: who it belongs to cannot be forged. */
  unstarted: "unstarted",
  stdout: "stdout.log",
  stderr: "stderr.log",
  stdoutBytes: "stdout.bytes",
  stderrBytes: "stderr.bytes",
} as const;

/**
 * What stands before a program's command where containers share one interface: a file of ours, which needs nothing of
 * the image. A shell, which is the image's own, would have the network until it had given it up.
 */
export const confiningCommand: readonly string[] = [
  `${controlDirectory}/${controlFile.confine}`,
  `${controlDirectory}/${controlFile.network}`,
  `${reportDirectory}/${reportFile.exit}`,
];

/** Files in the relay's volume. */
export const relayFile = {
  /** Where the gateway is: written by stage-in, where there is a program to run. */
  gateway: "gateway",
  /** Where programs reach it: written by the relay, once it listens. */
  url: "url",
} as const;

/** What our own containers, and they alone, are told by their environment. */
export const stageVariable = {
  apiUrl: "BENCHGEN_API_URL",
  token: "BENCHGEN_JOB_TOKEN",
  /** What runs the programs; `fargate` when it is not said. */
  executor: "BENCHGEN_EXECUTOR",
  /** What a program with a model reaches; `gateway` when it is not said. */
  modelNetwork: "BENCHGEN_MODEL_NETWORK",
} as const;

/** An ordinary user: the one programs run as, in containers and in sandboxes started by root. */
export const programUser = { uid: 65532, gid: 65532 } as const;

/** Neither root nor a program: the relay hears from programs, and has nothing to hide from them but itself. */
export const relayUser = { uid: 65531, gid: 65531 } as const;

/** Names of a job's volumes; on one machine, directories of its scratch directory. */
export const volumeName = {
  app: (program: ProgramName) => `${program}-app`,
  temporary: (program: ProgramName) => `${program}-tmp`,
  control: (program: ProgramName) => `${program}-control`,
  report: (program: ProgramName) => `${program}-report`,
  output: "output",
  shared: "shared",
  /** Room for our own containers: downloads, and what is about to be uploaded. */
  stage: "stage",
  relay: "relay",
} as const;

export interface ContainerMount {
  readonly volume: string;
  readonly path: string;
  readonly readOnly: boolean;
}

/** The volumes one program sees. A path below another's covers it. */
export function programMounts(program: ProgramName): readonly ContainerMount[] {
  return [
    { volume: volumeName.app(program), path: appDirectory, readOnly: false },
    { volume: volumeName.output, path: outputDirectory, readOnly: false },
    { volume: volumeName.shared, path: sharedDirectory, readOnly: false },
    { volume: volumeName.temporary(program), path: "/tmp", readOnly: false },
  ];
}

export type ContainerName = "stage-in" | "relay" | ProgramName | "stage-out";

export interface JobContainer {
  readonly name: ContainerName;
  /** `runner` is our own image. A program's is null when the environment names none: the operator's default. */
  readonly image: { readonly runner: true } | { readonly runner: false; readonly name: string | null };
  readonly command: readonly string[];
  /** Whether it is given the API's URL and the job token. Never a program. */
  readonly credentials: boolean;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly workingDirectory: string;
  readonly mounts: readonly ContainerMount[];
  /** `success`: that container exited with 0. `complete`: it ended, however it did. */
  readonly dependsOn: readonly {
    readonly container: ContainerName;
    readonly condition: "success" | "complete";
  }[];
  /** The root file system, apart from the mounts. */
  readonly readOnlyRoot: true;
  readonly network: NetworkMode | "api";
  /** Only programs are limited; memory and CPUs are each program's own. */
  readonly limits?: JobDefinition["limits"];
}

export interface ContainerJob {
  /** Empty at the start, gone with the job. */
  readonly volumes: readonly string[];
  /** In an order that respects `dependsOn`. The job is over when the last has ended. */
  readonly containers: readonly JobContainer[];
}

/**
 * The containers and volumes of every job with that definition.
 * @param relay whether there is one that carries the programs' calls to the gateway, for programs that may connect to
 * nothing but the loopback they share with it. On one machine there are other ways to the gateway.
 */
export function containerJob(
  definition: JobDefinition,
  { relay = false }: { readonly relay?: boolean } = {},
): ContainerJob {
  const names = programsOf[definition.kind];
  const volumes = [...jobVolumes(definition.kind), ...(relay ? [volumeName.relay] : [])];
  return {
    volumes,
    containers: [
      stageContainer("stage-in", volumes, []),
      ...(relay ? [relayContainer] : []),
      ...names.map((name) => programContainer(name, definition, relay)),
      stageContainer(
        "stage-out",
        volumes,
        names.map((container) => ({ container, condition: "complete" })),
      ),
    ],
  };
}

/** Every volume a job of that kind has. */
export function jobVolumes(kind: JobKind): readonly string[] {
  return [...programVolumes(kind), ...programsOf[kind].map(volumeName.control), volumeName.stage];
}

/** The volumes that belong to the programs' user; the others are our own. */
export function programVolumes(kind: JobKind): readonly string[] {
  const own = programsOf[kind].flatMap((name) => [
    volumeName.app(name),
    volumeName.temporary(name),
    volumeName.report(name),
  ]);
  return [...own, volumeName.output, volumeName.shared];
}

function programContainer(name: ProgramName, definition: JobDefinition, relay: boolean): JobContainer {
  return {
    name,
    image: { runner: false, name: definition.image },
    command: ["/bin/sh", `${controlDirectory}/${controlFile.wrapper}`],
    credentials: false,
    user: programUser,
    workingDirectory: programDirectory,
    mounts: [
      ...programMounts(name),
      { volume: volumeName.control(name), path: controlDirectory, readOnly: true },
      { volume: volumeName.report(name), path: reportDirectory, readOnly: false },
      ...(relay ? [{ volume: volumeName.relay, path: relayDirectory, readOnly: true }] : []),
    ],
    // Not on the relay: a program waits until it listens, which is later than that it has started.
    dependsOn: [{ container: "stage-in", condition: "success" }],
    readOnlyRoot: true,
    network: definition.network,
    limits: definition.limits,
  };
}

/** Nobody waits for its end: it is ended with the job. */
const relayContainer: JobContainer = {
  name: "relay",
  image: { runner: true },
  command: ["relay"],
  credentials: false,
  user: relayUser,
  workingDirectory: "/",
  mounts: [{ volume: volumeName.relay, path: `${stageRoot}/${volumeName.relay}`, readOnly: false }],
  dependsOn: [{ container: "stage-in", condition: "success" }],
  readOnlyRoot: true,
  network: "api",
};

function stageContainer(
  name: "stage-in" | "stage-out",
  volumes: readonly string[],
  dependsOn: JobContainer["dependsOn"],
): JobContainer {
  return {
    name,
    image: { runner: true },
    command: [name],
    credentials: true,
    // Root of its own container: it hands the volumes to the program's user, and reads whatever that user left behind.
    user: { uid: 0, gid: 0 },
    workingDirectory: "/",
    mounts: volumes.map((volume) => ({ volume, path: `${stageRoot}/${volume}`, readOnly: false })),
    dependsOn,
    readOnlyRoot: true,
    network: "api",
  };
}

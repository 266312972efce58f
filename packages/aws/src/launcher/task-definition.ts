import type {
  ContainerDefinition,
  KernelCapabilities,
  RegisterTaskDefinitionCommandInput,
} from "@aws-sdk/client-ecs";
import { confiningCommand, containerJob, stageVariable } from "@benchgen/core/job/container.ts";
import type { JobContainer } from "@benchgen/core/job/container.ts";
import { hashOf } from "@benchgen/core/port/canonical-json.ts";
import type { Json } from "@benchgen/core/ports.ts";
import type { JobDefinition, ModelNetwork } from "@benchgen/core/wire/job.ts";
import { fargateSize } from "./fargate-size.ts";

/** What every task definition of a deployment has in common. */
export interface TaskSettings {
  /** What families' names begin with: `benchgen-prod`. */
  readonly prefix: string;
  readonly runnerImage: string;
  /** For environments that name none. */
  readonly defaultImage: string;
  readonly architecture: "X86_64" | "ARM64";
  /** Pulls images and writes logs, before and around the containers; none of them can use it. */
  readonly executionRoleArn: string;
  readonly logGroup: string;
  readonly region: string;
  /** Where our own containers reach the API. */
  readonly apiUrl: string;
  /** What programs with a model reach. */
  readonly modelNetwork: ModelNetwork;
}

/**
 * What the supervisor of a program with a model calls to take its sockets, the platform's own filter of calls lets pass
 * in containers with this capability alone. It is the only one that Fargate adds. No process of the container has it:
 * the program's user is an ordinary one, which may gain no privileges.
 */
const traceable: Pick<KernelCapabilities, "add"> = { add: ["SYS_PTRACE"] };

/** Hex digits: equal definitions have one family, and no two others will ever share one. */
const hashLength = 32;

/**
 * The job as an ECS task definition. It has no task role: no container of it has credentials of AWS. The job token is
 * not in it either: the workflow gives it to our own containers when it runs the task.
 * @throws InvalidInput `resources_too_large`
 */
export function taskDefinition(
  definition: JobDefinition,
  settings: TaskSettings,
): RegisterTaskDefinitionCommandInput & { family: string } {
  const relay = definition.network === "gateway" && settings.modelNetwork === "gateway";
  const { containers, volumes } = containerJob(definition, { relay });
  const { cpu, memoryMb, storageGib } = fargateSize(definition, { relay });
  const task = {
    requiresCompatibilities: ["FARGATE" as const],
    networkMode: "awsvpc" as const,
    runtimePlatform: {
      cpuArchitecture: settings.architecture,
      operatingSystemFamily: "LINUX" as const,
    },
    executionRoleArn: settings.executionRoleArn,
    cpu: String(cpu),
    memory: String(memoryMb),
    ephemeralStorage: { sizeInGiB: storageGib },
    volumes: volumes.map((name) => ({ name })),
    containerDefinitions: containers.map((container) =>
      containerDefinition(container, settings, { relay, last: container === containers.at(-1) }),
    ),
  };
  const hash = hashOf(task as unknown as Json).slice(0, hashLength);
  return { family: `${settings.prefix}-${definition.kind}-${hash}`, ...task };
}

function containerDefinition(
  container: JobContainer,
  settings: TaskSettings,
  { relay, last }: { readonly relay: boolean; readonly last: boolean },
): ContainerDefinition {
  const { image, limits, user } = container;
  return {
    name: container.name,
    image: image.runner ? settings.runnerImage : (image.name ?? settings.defaultImage),
    // The task is over when the last container is; ECS lets nothing wait for the end of an essential one.
    essential: last,
    dependsOn: container.dependsOn.map(({ container: containerName, condition }) => ({
      containerName,
      condition: condition === "success" ? "SUCCESS" : "COMPLETE",
    })),
    // Our own image knows what it is; a stranger's may start with anything.
    ...(image.runner
      ? { command: [...container.command] }
      : { entryPoint: [...confiningCommand, ...container.command] }),
    user: `${user.uid}:${user.gid}`,
    workingDirectory: container.workingDirectory,
    readonlyRootFilesystem: container.readOnlyRoot,
    mountPoints: container.mounts.map(({ volume, path, readOnly }) => ({
      sourceVolume: volume,
      containerPath: path,
      readOnly,
    })),
    ...(limits === undefined ? {} : { memory: limits.memoryMb }),
    linuxParameters: {
      // What confines a program is process 1 itself: under an init that has the network, it could use that one's.
      initProcessEnabled: image.runner,
      // Our own stages hand the volumes to the program's user, which takes some.
      ...(user.uid === 0
        ? {}
        : { capabilities: { ...(relay && !image.runner ? traceable : {}), drop: ["ALL"] } }),
    },
    environment: container.credentials
      ? [
          { name: stageVariable.apiUrl, value: settings.apiUrl },
          { name: stageVariable.modelNetwork, value: settings.modelNetwork },
        ]
      : [],
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": settings.logGroup,
        "awslogs-region": settings.region,
        "awslogs-stream-prefix": "job",
        // A program that prints faster than CloudWatch takes loses lines here, not time; its own log has them.
        mode: "non-blocking",
        "max-buffer-size": "4m",
      },
    },
  };
}

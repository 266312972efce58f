/** ECS with Fargate, as the state machine and the launcher see it: tasks that run, are listed, and are stopped. */
import { randomUUID } from "node:crypto";
import { DescribeTaskDefinitionCommand, type ECSClient, type TaskDefinition } from "@aws-sdk/client-ecs";
import type { Json } from "@benchgen/core/ports.ts";
import { StepFailure } from "@benchgen/local/workflow/failure.ts";
import type { AwsCall, Permission } from "./call.ts";
import type { DeploymentDescription } from "./description.ts";

/** The parameters of `ecs:runTask.sync`, as far as they matter here. */
export interface RunTaskRequest {
  readonly Cluster: string;
  readonly TaskDefinition: string;
  readonly StartedBy: string;
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly CapacityProviderStrategy: readonly { readonly CapacityProvider: string }[];
  readonly Overrides: {
    readonly ContainerOverrides: readonly {
      readonly Name: string;
      readonly Environment: readonly { readonly Name: string; readonly Value: string }[];
    }[];
  };
}

/** How one container ended; no exit code when it never ran. */
export interface ContainerEnd {
  readonly name: string;
  readonly exitCode?: number;
  /** `OutOfMemoryError: …`, as ECS says it. */
  readonly reason?: string;
}

/** How a task ended. */
export interface TaskEnd {
  /** `EssentialContainerExited`, `TaskFailedToStart`, `UserInitiated`, `SpotInterruption`. */
  readonly stopCode: string;
  readonly stoppedReason: string;
  readonly containers: readonly ContainerEnd[];
}

/** Asked to end; the reason is the one ECS then gives. */
export interface TaskStop {
  readonly stopCode: string;
  readonly stoppedReason: string;
}

/** Runs the containers of one task to their end. */
export type RunContainers = (task: {
  readonly id: string;
  readonly definition: TaskDefinition;
  readonly environment: (container: string) => Readonly<Record<string, string>>;
  /** Aborted, with a `TaskStop` as its reason, when the task has to end. */
  readonly signal: AbortSignal;
}) => Promise<TaskEnd>;

/** What happens to a task in place of its work: it cannot be placed, or ends by itself after a while. */
export type TaskTrouble =
  | { readonly kind: "refused"; readonly error: string; readonly cause: string }
  | {
      readonly kind: "ended";
      readonly end: Omit<TaskEnd, "containers"> & { readonly containers?: readonly ContainerEnd[] };
    }
  /** When the program of the task has printed that text. */
  | { readonly kind: "interrupted"; readonly stop: TaskStop; readonly once: string };

export interface TaskRecord {
  readonly arn: string;
  readonly startedBy: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly capacityProvider: string;
  readonly definition: TaskDefinition;
  readonly startedAt: number;
  endedAt?: number;
  end?: TaskEnd;
}

export interface Ecs {
  readonly tasks: TaskRecord[];
  /** Befall the next tasks, in that order. */
  readonly troubles: TaskTrouble[];
  /** `ecs:runTask.sync`. @throws StepFailure as Step Functions says it */
  runTask(parameters: Json, signal: AbortSignal): Promise<Json>;
  /** What a stand-in for ECS cannot answer: the tasks that run here. */
  answer(call: AwsCall): Promise<object | undefined>;
  /** A container has printed something. */
  printed(taskId: string, text: string): void;
  readonly isIdle: () => boolean;
  /** What the state machine's role needed for the tasks it ran. */
  readonly permissions: () => Permission[];
}

export function createEcs(options: {
  readonly description: DeploymentDescription;
  readonly client: ECSClient;
  readonly runContainers: RunContainers;
}): Ecs {
  const { description, client, runContainers } = options;
  const prefix = `arn:aws:ecs:${description.region}:${description.accountId}`;
  const clusterName = description.clusterArn.replace(/^.*cluster\//, "");
  const tasks: TaskRecord[] = [];
  const troubles: TaskTrouble[] = [];
  const stops = new Map<string, AbortController>();
  const waiting = new Map<string, Extract<TaskTrouble, { kind: "interrupted" }>>();
  const idOf = (arn: string): string => arn.slice(arn.lastIndexOf("/") + 1);

  return {
    tasks,
    troubles,

    async runTask(parameters, signal) {
      const request = parameters as unknown as RunTaskRequest;
      const trouble = troubles.shift();
      if (trouble?.kind === "refused") throw new StepFailure(trouble);
      const described = await client.send(
        new DescribeTaskDefinitionCommand({ taskDefinition: request.TaskDefinition }),
      );
      const definition = described.taskDefinition!;
      const id = randomUUID().replaceAll("-", "");
      const task: TaskRecord = {
        arn: `${prefix}:task/${clusterName}/${id}`,
        startedBy: request.StartedBy,
        tags: request.Tags.map(({ Key: key, Value: value }) => ({ key, value })),
        capacityProvider: request.CapacityProviderStrategy[0]?.CapacityProvider ?? "FARGATE",
        definition,
        startedAt: Date.now(),
      };
      tasks.push(task);
      const stop = new AbortController();
      stops.set(id, stop);
      const aborted = (): void =>
        stop.abort({
          stopCode: "UserInitiated",
          stoppedReason: "The execution was stopped.",
        } satisfies TaskStop);
      if (signal.aborted) aborted();
      signal.addEventListener("abort", aborted, { once: true });
      if (trouble?.kind === "interrupted") waiting.set(id, trouble);
      try {
        const end =
          trouble?.kind === "ended"
            ? {
                containers: (definition.containerDefinitions ?? []).map(({ name = "" }) => ({ name })),
                ...trouble.end,
              }
            : await runContainers({
                id,
                definition,
                environment: (name) => overridesFor(request, name),
                signal: stop.signal,
              });
        Object.assign(task, { end, endedAt: Date.now() });
        const json = taskJson(task, end, description.clusterArn);
        if (!succeeded(definition, end)) {
          throw new StepFailure({ error: "States.TaskFailed", cause: JSON.stringify(json) });
        }
        return json;
      } finally {
        stops.delete(id);
        waiting.delete(id);
      }
    },

    async answer({ service, operation, input }) {
      if (service !== "ecs") return undefined;
      const running = tasks.filter(({ end }) => end === undefined);
      const named = (input["tasks"] ?? [input["task"]]) as string[];
      switch (operation) {
        case "ListTasks": {
          const wanted =
            input["desiredStatus"] === "STOPPED" ? tasks.filter(({ end }) => end !== undefined) : running;
          const startedBy = input["startedBy"];
          return {
            taskArns: wanted
              .filter((task) => startedBy === undefined || task.startedBy === startedBy)
              .map(({ arn }) => arn),
          };
        }
        case "StopTask": {
          const stoppedReason = (input["reason"] ?? "") as string;
          stops
            .get(idOf(named[0] ?? ""))
            ?.abort({ stopCode: "UserInitiated", stoppedReason } satisfies TaskStop);
          return { task: {} };
        }
        case "DescribeTasks": {
          const found = tasks.filter(({ arn }) => named.some((name) => idOf(name) === idOf(arn)));
          const include = (input["include"] ?? []) as string[];
          const described = found.map(({ arn, startedBy, tags }) => ({
            taskArn: arn,
            startedBy,
            ...(include.includes("TAGS") && { tags }),
          }));
          return { tasks: described, failures: [] };
        }
        default:
          return undefined;
      }
    },

    isIdle: () => stops.size === 0,
    permissions: () => tasks.flatMap((task) => runPermissions(task, description)),

    printed(taskId, text) {
      const trouble = waiting.get(taskId);
      if (trouble !== undefined && text.includes(trouble.once)) stops.get(taskId)?.abort(trouble.stop);
    },
  };
}

/**
 * Of `ecs:runTask.sync`: starting a task with tags, learning of its end, stopping it with its execution.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
 */
function runPermissions(
  task: TaskRecord,
  { region, accountId, clusterArn }: DeploymentDescription,
): Permission[] {
  const context = { "ecs:cluster": clusterArn };
  const rule = `arn:aws:events:${region}:${accountId}:rule/StepFunctionsGetEventsForECSTaskRule`;
  return [
    { action: "ecs:RunTask", resource: task.definition.taskDefinitionArn ?? "", context },
    { action: "ecs:TagResource", resource: task.arn, context: { "ecs:CreateAction": "RunTask" } },
    {
      action: "iam:PassRole",
      resource: task.definition.executionRoleArn ?? "",
      context: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
    },
    ...["ecs:StopTask", "ecs:DescribeTasks"].map((action) => ({ action, resource: task.arn, context })),
    ...["PutTargets", "PutRule", "DescribeRule"].map((name) => ({
      action: `events:${name}`,
      resource: rule,
    })),
  ];
}

function overridesFor(request: RunTaskRequest, container: string): Record<string, string> {
  const own = request.Overrides.ContainerOverrides.filter(({ Name }) => Name === container);
  return Object.fromEntries(
    own.flatMap(({ Environment }) => Environment.map(({ Name, Value }) => [Name, Value])),
  );
}

/**
 * Whether Step Functions takes the task for a success: it ended because its essential container did, and no container
 * that counts had another exit code than 0. Whether the others' codes count is documented nowhere, and no job of ours
 * depends on it: a program's container exits with 0 whatever became of the program, and only a stage that failed, whose
 * job is to be run again, exits otherwise.
 */
function succeeded(definition: TaskDefinition, end: TaskEnd): boolean {
  if (end.stopCode !== "EssentialContainerExited") return false;
  const essential = new Set(
    (definition.containerDefinitions ?? [])
      .filter((each) => each.essential !== false)
      .map(({ name }) => name),
  );
  return end.containers.every(({ name, exitCode }) => !essential.has(name) || exitCode === 0);
}

/** ECS's description of a stopped task, with names as Step Functions writes them. */
function taskJson(task: TaskRecord, end: TaskEnd, clusterArn: string): { [name: string]: Json } {
  return {
    ClusterArn: clusterArn,
    TaskArn: task.arn,
    TaskDefinitionArn: task.definition.taskDefinitionArn ?? "",
    StartedBy: task.startedBy,
    CapacityProviderName: task.capacityProvider,
    LaunchType: "FARGATE",
    DesiredStatus: "STOPPED",
    LastStatus: "STOPPED",
    StopCode: end.stopCode,
    StoppedReason: end.stoppedReason,
    Containers: end.containers.map(({ name, exitCode, reason }) => ({
      Name: name,
      Image: task.definition.containerDefinitions?.find((each) => each.name === name)?.image ?? "",
      LastStatus: "STOPPED",
      TaskArn: task.arn,
      ...(exitCode === undefined ? {} : { ExitCode: exitCode }),
      ...(reason === undefined ? {} : { Reason: reason }),
    })),
  };
}

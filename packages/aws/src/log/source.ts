import { ListTasksCommand } from "@aws-sdk/client-ecs";
import type { DesiredStatus, ECSClient } from "@aws-sdk/client-ecs";
import { programsOf } from "@benchgen/core/job/layout.ts";
import type { LogLine, LoggedJob } from "@benchgen/core/ports.ts";
import { calling } from "../fault.ts";

/** Where one container of a job writes. */
export interface LogSource {
  /** The name of the log stream. */
  readonly name: string;
  /** What its lines are: the log driver does not tell a program's stdout from its stderr. */
  readonly stream: LogLine["stream"];
}

/** The streams of one attempt at a job, always in the same order. */
export interface LogAttempt {
  /** The id of its ECS task. */
  readonly id: string;
  readonly sources: readonly LogSource[];
}

/** Finds the attempts at a job. `known`: those that were found before, which may be forgotten by now. */
export type FindAttempts = (job: LoggedJob, known: readonly string[]) => Promise<readonly LogAttempt[]>;

/**
 * Finds a job's attempts by the tasks that were started in its name. ECS knows a task for about an hour after it
 * stopped, CloudWatch its streams for as long as the log group keeps them.
 */
export function taskAttempts(options: { client: ECSClient; cluster: string }): FindAttempts {
  const { client, cluster } = options;
  const tasksOf = async (startedBy: string, desiredStatus: DesiredStatus): Promise<string[]> => {
    const request = new ListTasksCommand({ cluster, startedBy, desiredStatus });
    const { taskArns = [] } = await calling("ECS", () => client.send(request));
    return taskArns.map((arn) => arn.slice(arn.lastIndexOf("/") + 1));
  };
  return async (job, known) => {
    const stopped = await tasksOf(job.jobId, "STOPPED");
    const running = await tasksOf(job.jobId, "RUNNING");
    const ids = new Set([...known, ...stopped, ...running]);
    return [...ids].map((id) => ({ id, sources: sourcesOf(job, id) }));
  };
}

/** Of which container of which task a stream is; undefined for a stream that is no job's. */
export function parseStreamName(name: string): { container: string; task: string } | undefined {
  const [, container, task] = /^job\/([^/]+)\/([^/]+)$/.exec(name) ?? [];
  return container === undefined || task === undefined ? undefined : { container, task };
}

/** As the task definition's log configuration names them: prefix, container, task. */
function streamName(container: string, task: string): string {
  return `job/${container}/${task}`;
}

function sourcesOf({ kind }: LoggedJob, task: string): LogSource[] {
  const named = (container: string, stream: LogLine["stream"]): LogSource => {
    return { name: streamName(container, task), stream };
  };
  return [
    named("stage-in", "system"),
    ...programsOf[kind].map((program) => named(program, "stdout")),
    named("stage-out", "system"),
  ];
}

import { ListTasksCommand } from "@aws-sdk/client-ecs";
import type { DesiredStatus, ECSClient } from "@aws-sdk/client-ecs";
import type { JobId } from "@benchgen/core/wire/id.ts";
import { calling } from "../fault.ts";
import type { LogSource } from "./logs.ts";

/** In the order in which they run. */
const containers = ["stage-in", "ingestion", "scoring", "stage-out"] as const;

/**
 * Finds the log streams of a job by the tasks that were started in its name. ECS knows a task for about an hour after
 * it stopped.
 */
export function taskSources({ client, cluster }: { client: ECSClient; cluster: string }) {
  const tasksOf = async (jobId: JobId, desiredStatus: DesiredStatus): Promise<string[]> => {
    const request = new ListTasksCommand({ cluster, startedBy: jobId, desiredStatus });
    const { taskArns = [] } = await calling("ECS", () => client.send(request));
    return taskArns.map((arn) => arn.slice(arn.lastIndexOf("/") + 1));
  };
  return async ({ jobId }: { jobId: JobId }): Promise<LogSource[]> => {
    const found = await Promise.all([tasksOf(jobId, "STOPPED"), tasksOf(jobId, "RUNNING")]);
    return found.flat().flatMap((task) =>
      containers.map((name) => ({
        name: `job/${name}/${task}`,
        stream: name.startsWith("stage-") ? ("system" as const) : ("stdout" as const),
      })),
    );
  };
}

import { DescribeTasksCommand } from "@aws-sdk/client-ecs";
import type { ECSClient } from "@aws-sdk/client-ecs";
import { type TaskLaunch, readTaskTags } from "@benchgen/core/run/run-task.ts";
import { calling } from "../fault.ts";

export type TaskJob = Pick<TaskLaunch, "runId" | "taskIndex" | "kind">;

/** Which job each task of the cluster runs, by its tags: only the workflow may run tasks there, and it says so in them. */
export function taskJobs(options: {
  client: ECSClient;
  cluster: string;
}): (task: string) => Promise<TaskJob | undefined> {
  const { client, cluster } = options;
  return async (task) => {
    const request = new DescribeTasksCommand({ cluster, tasks: [task], include: ["TAGS"] });
    const { tasks: [found] = [] } = await calling("ECS", () => client.send(request));
    // ECS forgets a task about an hour after it stopped.
    if (found === undefined) return undefined;
    return readTaskTags((key) => found.tags?.find((tag) => tag.key === key)?.value);
  };
}

import {
  DescribeTaskDefinitionCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import type { ECSClient } from "@aws-sdk/client-ecs";
import { InvalidInput, messageOf } from "@benchgen/core/error.ts";
import type { Launcher } from "@benchgen/core/ports.ts";
import { calling, isError } from "../fault.ts";
import { taskDefinition } from "./task-definition.ts";
import type { TaskSettings } from "./task-definition.ts";

const service = "ECS";

export interface LauncherOptions {
  readonly client: ECSClient;
  readonly cluster: string;
  /** Asked for when a job is registered: who only stops jobs needs none. */
  readonly settings: () => TaskSettings;
}

/**
 * Jobs as Fargate tasks. Step Functions runs them; here they are described beforehand, and stopped. The workflow puts
 * the job's id into a task's `startedBy`.
 */
export function createLauncher({ client, cluster, settings }: LauncherOptions): Launcher {
  const isRegistered = async (family: string): Promise<boolean> => {
    try {
      await client.send(new DescribeTaskDefinitionCommand({ taskDefinition: family }));
      return true;
    } catch (error) {
      // ECS has no other word for a family that is not there.
      if (isError(error, "ClientException")) return false;
      throw error;
    }
  };

  return {
    /** @throws InvalidInput `definition_refused` when ECS takes no such definition; `resources_too_large` */
    async register(definition) {
      const task = taskDefinition(definition, settings());
      await calling(service, async () => {
        if (await isRegistered(task.family)) return;
        try {
          // Twice at once makes two equal revisions, of which ECS runs the later.
          await client.send(new RegisterTaskDefinitionCommand(task));
        } catch (error) {
          if (!isError(error, "ClientException", "InvalidParameterException")) throw error;
          const message = `ECS cannot run this job: ${messageOf(error)}`;
          throw new InvalidInput("definition_refused", message, { cause: error });
        }
      });
      return task.family;
    },

    run: () => Promise.reject(new Error("On AWS, the state machine runs jobs itself: ecs:runTask.sync.")),

    async stop(jobId) {
      await calling(service, async () => {
        const { taskArns = [] } = await client.send(new ListTasksCommand({ cluster, startedBy: jobId }));
        for (const task of taskArns) {
          await client.send(new StopTaskCommand({ cluster, task, reason: "The job was stopped." }));
        }
      });
    },
  };
}

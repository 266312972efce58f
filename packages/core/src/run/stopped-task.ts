/** Why a Fargate task ended without its job having reported: read from what `ecs:runTask.sync` says of it. */
import * as z from "zod";
import { programNames } from "../wire/job.ts";
import type { Reason } from "../wire/reason.ts";

/** The part of ECS's description of a task that says why it stopped. Names as Step Functions writes them. */
const stoppedTaskSchema = z.object({
  StopCode: z.string().optional(),
  StoppedReason: z.string().optional(),
  Containers: z.array(
    z.object({ Name: z.string(), Image: z.string().optional(), Reason: z.string().optional() }),
  ),
});

/** What ECS says when an image is not there, or not for us. Anything else about pulling may be better next time. */
const imageMissing =
  /not found|manifest unknown|does not exist|denied|unauthorized|invalid reference|descriptor matching platform/i;

/**
 * @param cause of the state's failure
 * @returns undefined when it does not describe a task
 */
export function readStoppedTask(cause: string): Reason | undefined {
  const task = parseTask(cause);
  if (task === undefined) return undefined;
  const reasons = [task.StoppedReason ?? "", ...task.Containers.map(({ Reason }) => Reason ?? "")];
  const pull = reasons.find((reason) => reason.startsWith("CannotPull"));
  if (pull !== undefined && imageMissing.test(pull)) return imageNotFound(task.Containers, pull);
  const exhausted = task.Containers.find(({ Reason }) => Reason?.startsWith("OutOfMemory") === true);
  if (exhausted !== undefined) {
    const message = `The ${exhausted.Name} program used more memory than it may.`;
    const hint = "Ask for more in the program's metadata: resources: { memory_mb: … }";
    return { code: "out_of_memory", message, hint };
  }
  const why = reasons.find((reason) => reason !== "") ?? task.StopCode ?? "no reason was recorded";
  return {
    code: "platform_fault",
    message: `The job's Fargate task ended before the job had reported: ${why}`,
    hint: "Run it again with: benchgen retry",
  };
}

function imageNotFound(containers: z.infer<typeof stoppedTaskSchema>["Containers"], pull: string): Reason {
  const program = containers.find(({ Name }) => programNames.some((name) => name === Name));
  return {
    code: "image_not_found",
    message: `The image ${program?.Image ?? "of the environment"} cannot be pulled: ${pull}`,
    hint: "Name an image that anyone can pull for this deployment's architecture: docker_image in competition.yaml",
  };
}

function parseTask(cause: string): z.infer<typeof stoppedTaskSchema> | undefined {
  try {
    return stoppedTaskSchema.safeParse(JSON.parse(cause)).data;
  } catch {
    return undefined;
  }
}

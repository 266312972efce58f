/** Why a Fargate task ended without its job having reported: read from what `ecs:runTask.sync` says of it. */
import * as z from "zod";
import { parseJson } from "../json.ts";
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
type StoppedTask = z.infer<typeof stoppedTaskSchema>;

/** What ECS says when an image is not there, or not for us. Anything else about pulling may be better next time. */
const imageMissing =
  /not found|manifest unknown|does not exist|denied|unauthorized|invalid reference|descriptor matching platform/i;

/**
 * What a program did, or its environment names, is told as that; the same of a container of ours is the platform's fault.
 * @param cause of the state's failure
 * @returns undefined when it does not describe a task
 */
export function readStoppedTask(cause: string): Reason | undefined {
  const task = stoppedTaskSchema.safeParse(parseJson(cause)).data;
  if (task === undefined) return undefined;
  const programs = task.Containers.filter(isProgram);
  const ours = task.Containers.filter((container) => !isProgram(container));
  const reasons = [task.StoppedReason ?? "", ...task.Containers.map(({ Reason }) => Reason ?? "")];
  const pull = reasons.find((reason) => reason.startsWith("CannotPull"));
  const isOurs = ours.some(({ Image }) => Image !== undefined && pull?.includes(Image) === true);
  if (pull !== undefined && imageMissing.test(pull) && !isOurs) return imageNotFound(programs[0], pull);
  const exhausted = programs.find(({ Reason }) => Reason?.startsWith("OutOfMemory") === true);
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

function imageNotFound(program: StoppedTask["Containers"][number] | undefined, pull: string): Reason {
  return {
    code: "image_not_found",
    message: `The image ${program?.Image ?? "of the environment"} cannot be pulled: ${pull}`,
    hint: "Name an image that anyone can pull for this deployment's architecture: docker_image in competition.yaml",
  };
}

/** One of the job's programs, not a container of ours. */
function isProgram({ Name }: StoppedTask["Containers"][number]): boolean {
  return programNames.some((name) => name === Name);
}

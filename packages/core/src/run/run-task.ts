/** What the workflow asks of ECS (`RunTask`) to run one job, read back where something else runs it. */
import * as z from "zod";
import { stageVariable } from "../job/container.ts";
import { type JobId, type RunId, idSchema } from "../wire/id.ts";
import { type JobKind, jobKinds } from "../wire/job.ts";

/** Tags of the task: what a cost report is split by. */
export const taskTag = { run: "benchgen:run", task: "benchgen:task", job: "benchgen:job" } as const;

const runTaskSchema = z.object({
  TaskDefinition: z.string(),
  StartedBy: idSchema("job"),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
  Overrides: z.object({
    ContainerOverrides: z.array(
      z.object({ Name: z.string(), Environment: z.array(z.object({ Name: z.string(), Value: z.string() })) }),
    ),
  }),
});
export type RunTask = z.input<typeof runTaskSchema>;

/** One job to run, as the workflow's states `Ingest` and `Score` describe it. */
export interface TaskLaunch {
  readonly runId: RunId;
  readonly taskIndex: number;
  readonly kind: JobKind;
  readonly jobId: JobId;
  readonly definition: string;
  readonly token: string;
}

const tagSchema = z.object({ run: idSchema("run"), task: z.coerce.number().int(), job: z.enum(jobKinds) });

/**
 * What a task's tags say it is.
 * @param tag the value of a tag, by its key
 * @throws ZodError when it is no task of our workflow's
 */
export function readTaskTags(
  tag: (key: string) => string | undefined,
): Pick<TaskLaunch, "runId" | "taskIndex" | "kind"> {
  const { run, task, job } = tagSchema.parse({
    run: tag(taskTag.run),
    task: tag(taskTag.task),
    job: tag(taskTag.job),
  });
  return { runId: run, taskIndex: task, kind: job };
}

/** @throws ZodError when it is not a request of our workflow's */
export function readRunTask(request: RunTask): TaskLaunch {
  const { TaskDefinition, StartedBy, Tags, Overrides } = runTaskSchema.parse(request);
  const token = Overrides.ContainerOverrides.flatMap(({ Environment }) => Environment).find(
    ({ Name }) => Name === stageVariable.token,
  );
  return {
    ...readTaskTags((key) => Tags.find(({ Key }) => Key === key)?.Value),
    jobId: StartedBy,
    definition: TaskDefinition,
    token: z.string().parse(token?.Value),
  };
}

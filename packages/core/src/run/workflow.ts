/** What travels through the state machine (`workflow.asl.json`): checked by every step that receives it. */
import * as z from "zod";
import { idSchema } from "../wire/id.ts";
import { jobKinds } from "../wire/job.ts";

export const workflowInputSchema = z.object({ runId: idSchema("run") });
export type WorkflowInput = z.infer<typeof workflowInputSchema>;

/** One job to launch. */
export const launchSchema = z.object({
  jobId: idSchema("job"),
  kind: z.enum(jobKinds),
  /** The registered definition: on AWS a task definition's ARN. */
  definition: z.string(),
  /** For our two containers only; sealed when the job's outcome has been read. */
  token: z.string(),
  /** Staging included: when the workflow gives up on it. */
  timeoutSeconds: z.int().positive(),
});
export type Launch = z.infer<typeof launchSchema>;

/** One item of the map. */
export const plannedTaskSchema = z.object({
  runId: idSchema("run"),
  index: z.int().nonnegative(),
  ingestion: launchSchema.optional(),
  /** Of kind `scoring`, or `concurrent`. */
  scoring: launchSchema,
});
export type PlannedTask = z.infer<typeof plannedTaskSchema>;

export const planSchema = z.object({ runId: idSchema("run"), tasks: z.array(plannedTaskSchema) });
export type Plan = z.infer<typeof planSchema>;

/** What a catch hands over: the error's name, and for a Lambda or ECS error a JSON document in `Cause`. */
export const caughtSchema = z.object({ Error: z.string().default("Unknown"), Cause: z.string().default("") });
export type Caught = z.infer<typeof caughtSchema>;

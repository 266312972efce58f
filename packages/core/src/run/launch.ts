/** Runs one job to its end where the workflow engine does not do so itself. On AWS, Step Functions runs the ECS task. */
import * as z from "zod";
import { PlatformFault } from "../error.ts";
import { readOutcome } from "../job/exchange.ts";
import type { Ports } from "../ports.ts";
import { idSchema } from "../wire/id.ts";
import { launchSchema } from "./workflow.ts";

export const launchInputSchema = z.object({
  runId: idSchema("run"),
  index: z.int(),
  launch: launchSchema,
});

/**
 * Launches the job unless it has reported already: a step begun again after a crash repeats no work.
 * @throws PlatformFault `job_lost` when it ended without reporting; the workflow launches it again
 */
export async function launchJob(
  ports: Pick<Ports, "blobs" | "launcher">,
  input: z.input<typeof launchInputSchema>,
  signal: AbortSignal,
): Promise<void> {
  const { runId, index, launch } = launchInputSchema.parse(input);
  const job = { runId, taskIndex: index, kind: launch.kind };
  if ((await readOutcome(ports, job)) !== undefined) return;
  const { jobId, definition, token } = launch;
  const exit = await ports.launcher.run({ jobId, runId, definition, token }, signal);
  if (exit.reported) return;
  throw new PlatformFault(
    "job_lost",
    `The ${launch.kind} job of task ${index} was lost: ${exit.detail ?? "it ended without reporting"}`,
  );
}

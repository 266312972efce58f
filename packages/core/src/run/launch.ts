/** Runs one job to its end where the workflow engine does not do so itself. On AWS, Step Functions runs the ECS task. */
import { PlatformFault } from "../error.ts";
import { readOutcome } from "../job/outcome.ts";
import type { Ports } from "../ports.ts";
import { type RunTask, readRunTask } from "./run-task.ts";

/**
 * Launches the job unless it has reported already: a step begun again after a crash repeats no work.
 * @throws PlatformFault `job_lost` when it ended without reporting; the workflow launches it again
 */
export async function launchJob(
  ports: Pick<Ports, "blobs" | "launcher">,
  request: RunTask,
  signal: AbortSignal,
): Promise<void> {
  const { runId, taskIndex, kind, jobId, definition, token } = readRunTask(request);
  if ((await readOutcome(ports, { runId, taskIndex, kind })) !== undefined) return;
  const exit = await ports.launcher.run({ jobId, runId, definition, token }, signal);
  if (exit.reported) return;
  throw new PlatformFault(
    "job_lost",
    `The ${kind} job of task ${taskIndex} was lost: ${exit.detail ?? "it ended without reporting"}`,
  );
}

/** The step after an ingestion job: reads its outcome and decides whether there is something to score. */
import type { Ports } from "../ports.ts";
import { toAttributes } from "../record/record.ts";
import type { Reason } from "../wire/reason.ts";
import { gatherCalls } from "../gateway/gather.ts";
import { failTask, requireOutcome, sealJob, updateTask } from "./job-outcome.ts";
import { isForgiven, limitFailure, limitReason } from "./limit.ts";
import { outputNotes } from "./output-note.ts";
import { type RunRecord, loadRun } from "./record.ts";
import { type PlannedTask, plannedTaskSchema } from "./workflow.ts";

/**
 * Records how the ingestion program ended. A program that failed fails its task; that is an outcome, not an error.
 * @throws PlatformFault `outcome_missing` when the job never reported
 */
export async function readIngestion(
  ports: Pick<Ports, "table" | "blobs" | "clock">,
  input: PlannedTask,
): Promise<{ succeeded: boolean }> {
  const { runId, index } = plannedTaskSchema.parse(input);
  const job = { runId, taskIndex: index, kind: "ingestion" } as const;
  const outcome = await requireOutcome(ports, job);
  const [ingestionExit] = outcome.programs;
  const run = await loadRun(ports.table, runId);
  const notes = [...outcome.notes, ...outputNotes(run, "ingestion", outcome)];
  const seen = toAttributes({ ingestionExit, notes, executor: outcome.executor });
  await updateTask(ports, runId, index, "ingesting", seen);
  await sealJob(ports, job);
  if (run.against !== undefined) await gatherCalls(ports, runId, index);
  if (outcome.reason === undefined) return { succeeded: true };
  const limit = await limitReason(ports, run);
  if (isForgiven(outcome.reason, outcome.output !== undefined, limit)) return { succeeded: true };
  await failTask(ports, runId, index, limitFailure(withAdvice(outcome.reason, run), limit));
  return { succeeded: false };
}

/** An ingestion program that was given bare predictions fails in its own words; say what to do about it. */
export function withAdvice(reason: Reason, run: Pick<RunRecord, "submission" | "as">): Reason {
  if (reason.code !== "program_failed" || run.submission.holdsCode || run.as !== "code") return reason;
  const advice =
    "The submission holds no code. If it is ready-made predictions, run it again with: --as predictions";
  return { ...reason, hint: reason.hint === undefined ? advice : `${advice} — otherwise: ${reason.hint}` };
}

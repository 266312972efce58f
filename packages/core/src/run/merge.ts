/** The workflow's step between the tasks and the end: the run's scores, and its rows on the leaderboards. */
import { loadVersionWhole } from "../environment/record.ts";
import { boardsOf } from "../leaderboard/board.ts";
import { mergeRun } from "../leaderboard/merge.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toAttributes } from "../record/record.ts";
import { writeIf } from "../record/write.ts";
import { nothingScored, runScores, scoreRun } from "../score/score-run.ts";
import type { TaskScores } from "../score/score.ts";
import { limitReason } from "./limit.ts";
import { type RunRecord, loadRun, loadTasks } from "./record.ts";
import { messagesOf } from "./read-scores.ts";
import { makeReport } from "./report.ts";
import { type WorkflowInput, workflowInputSchema } from "./workflow.ts";

/**
 * Merges a run whose tasks all succeeded; any other is left to the last step, which says why it failed. Idempotent.
 * The scores are stored before the terminal status, and only evaluations reach a leaderboard.
 */
export async function mergeScores(
  ports: Pick<Ports, "table" | "blobs">,
  input: WorkflowInput,
): Promise<void> {
  const { runId } = workflowInputSchema.parse(input);
  const run = await loadRun(ports.table, runId);
  const tasks = await loadTasks(ports.table, runId);
  // Also of a run whose other tasks failed: what was measured is worth knowing.
  const report = await makeReport(ports, run, tasks);
  const written: TaskScores[] = tasks.flatMap((task) =>
    task.status === "succeeded" && task.written !== undefined ? [{ index: task.index, ...task.written }] : [],
  );
  if (written.length < run.taskList.length) return;
  const { document } = await loadVersionWhole(ports, run.environmentId, run.version);
  const { manifest, files } = document;
  const reason = nothingScored(written);
  if (reason !== undefined) {
    await updateRunning(ports, run, { reason });
    return;
  }
  const { scores, unscored } = runScores(scoreRun(manifest.leaderboards, written));
  const stored = await updateRunning(ports, run, { scores, unscored: messagesOf(unscored) });
  if (!stored || run.purpose !== "evaluation" || (await isPartial(ports, run))) return;
  await mergeRun(ports, {
    run: {
      runId,
      participant: run.participant,
      name: run.name,
      submittedAt: run.createdAt,
      version: run.version,
    },
    boards: boardsOf({ environmentId: run.environmentId, manifest, files }, run.phase.index),
    tasks: written,
    report: report?.overall,
  });
}

/** On fewer cases than others were: its scores compare with nobody's. */
async function isPartial(ports: Pick<Ports, "table">, run: RunRecord): Promise<boolean> {
  return run.against?.options.limit !== undefined || (await limitReason(ports, run)) !== undefined;
}

/** False when the run is over: a cancellation was faster. */
async function updateRunning(ports: Pick<Ports, "table">, run: RunRecord, change: object): Promise<boolean> {
  return writeIf(ports.table, [
    {
      kind: "update",
      key: tableKey.run(run.id),
      set: toAttributes(change),
      conditions: [{ kind: "equals", attribute: "status", value: "running" }],
    },
  ]);
}

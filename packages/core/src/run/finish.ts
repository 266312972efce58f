/** The one writer of a run's terminal status. */
import type * as z from "zod";
import { removeRun } from "../leaderboard/remove.ts";
import { settleVersion } from "../environment/settle.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toAttributes } from "../record/record.ts";
import { writeIf } from "../record/write.ts";
import type { RunId } from "../wire/id.ts";
import type { Reason } from "../wire/reason.ts";
import { type RunStatus, allowedFrom, isTerminal, runMoves, taskMoves } from "../wire/status.ts";
import { refundOperations } from "./create.ts";
import { finishedEvent } from "./event.ts";
import { sealOperations, updateTask } from "./job-outcome.ts";
import { limitReason, limitedSuccess } from "./limit.ts";
import { type RunRecord, type TaskRecord, loadJobs, loadRun, loadTasks } from "./record.ts";
import { reasonOf } from "./record-failure.ts";
import { caughtSchema, workflowInputSchema } from "./workflow.ts";

export type FinishPorts = Pick<Ports, "table" | "blobs" | "workflow" | "launcher" | "bus" | "clock" | "ids">;

/** `caught` when a step failed, or the tasks as a whole. */
export const finishInputSchema = workflowInputSchema.extend({ caught: caughtSchema.optional() });

/** The workflow's last step: decides how the run ended from its tasks, or from what was caught. */
export async function finishWorkflow(
  ports: FinishPorts,
  input: z.input<typeof finishInputSchema>,
): Promise<void> {
  const { runId, caught } = finishInputSchema.parse(input);
  const run = await loadRun(ports.table, runId);
  const tasks = await loadTasks(ports.table, runId);
  await finishRun(
    ports,
    runId,
    caught === undefined
      ? await withLimit(ports, run, endOf(run, tasks))
      : { status: "failed", reason: reasonOf(caught) },
  );
}

/** A success within less than was asked for says why. */
async function withLimit(ports: FinishPorts, run: RunRecord, end: RunEnd): Promise<RunEnd> {
  if (end.status !== "succeeded") return end;
  const reason = await limitReason(ports, run);
  return reason === undefined ? end : { ...end, reason: limitedSuccess(reason) };
}

export interface RunEnd {
  readonly status: Extract<RunStatus, "succeeded" | "failed" | "cancelled" | "timed_out">;
  readonly reason?: Reason;
}

/** How a run whose tasks are over ended. A run succeeds when all its tasks do and the merge found a score. Pure. */
export function endOf(
  run: Pick<RunRecord, "taskList" | "scores" | "reason">,
  tasks: readonly TaskRecord[],
): RunEnd {
  const ended = new Map(tasks.map((task) => [task.index, task]));
  const failures = run.taskList.flatMap(({ index, name }) => {
    const task = ended.get(index);
    if (task?.status === "succeeded") return [];
    return [
      { name, reason: task?.reason ?? { code: "platform_fault" as const, message: "It never ended." } },
    ];
  });
  const [first, ...others] = failures;
  if (first === undefined) {
    return run.reason === undefined ? { status: "succeeded" } : { status: "failed", reason: run.reason };
  }
  if (run.taskList.length === 1) return { status: "failed", reason: first.reason };
  const more =
    others.length === 0 ? "" : ` (and ${others.length} more of ${run.taskList.length} tasks failed)`;
  return {
    status: "failed",
    reason: { ...first.reason, message: `Task "${first.name}": ${first.reason.message}${more}` },
  };
}

/**
 * Ends a run: status, reason, tasks and tokens, the leaderboard, the event, the version it verifies. Every part may be
 * repeated; the mark that the sweep looks for goes last, so a crash anywhere in between is made good.
 */
export async function finishRun(ports: FinishPorts, runId: RunId, end: RunEnd): Promise<void> {
  const before = await loadRun(ports.table, runId);
  await writeEnd(ports, before, end);
  const run = await loadRun(ports.table, runId);
  if (!isTerminal(runMoves, run.status)) return;
  await closeTasks(ports, run);
  // A merge may have been faster than a cancellation.
  if (run.status !== "succeeded") await removeRun(ports, runId);
  // Before the event: of a run that is over nobody is told how far it is.
  await ports.table.write([{ kind: "delete", key: tableKey.progress(runId) }]);
  await ports.bus.publish([
    {
      id: `finished-${run.id}`,
      time: run.endedAt ?? ports.clock.now().toISOString(),
      type: "Run Finished",
      detail: finishedEvent(run),
    },
  ]);
  if (run.purpose === "verification") await settleVersion(ports, run);
  await ports.table.write([{ kind: "delete", key: tableKey.open("RUN", runId) }]);
}

/** The status it was read with is the condition, so that a run is refunded for what it really was. */
async function writeEnd(ports: FinishPorts, run: RunRecord, end: RunEnd): Promise<void> {
  if (!allowedFrom(runMoves, end.status).includes(run.status)) return;
  const endedAt = ports.clock.now().toISOString();
  const written = await writeIf(ports.table, [
    {
      kind: "update",
      key: tableKey.run(run.id),
      set: toAttributes({ ...end, endedAt }),
      conditions: [{ kind: "equals", attribute: "status", value: run.status }],
    },
    ...(isFree(run, end) ? refundOperations(run) : []),
  ]);
  // It moved in the meantime: on, or to an end, and then the first end stands.
  if (!written) await writeEnd(ports, await loadRun(ports.table, run.id), end);
}

/** Runs the platform failed, and those cancelled before they started, cost a participant nothing. */
function isFree(run: RunRecord, end: RunEnd): boolean {
  if (end.status === "cancelled") return run.status === "queued";
  return end.reason?.code === "platform_fault" || end.reason?.code === "executor_missing";
}

/** Tasks that were still going end with the run, and no job's token opens anything any more. */
async function closeTasks(ports: FinishPorts, run: RunRecord): Promise<void> {
  const status = run.status === "cancelled" ? "cancelled" : "failed";
  const endedAt = run.endedAt ?? ports.clock.now().toISOString();
  const change = toAttributes({ endedAt, ...(run.reason === undefined ? {} : { reason: run.reason }) });
  for (const task of await loadTasks(ports.table, run.id)) {
    if (!isTerminal(taskMoves, task.status)) await updateTask(ports, run.id, task.index, status, change);
  }
  for (const job of await loadJobs(ports.table, run.id)) {
    await ports.table.write(sealOperations(job));
    // What a run that broke off left running would go on at somebody's cost.
    if (run.status !== "succeeded") await ports.launcher.stop(job.id);
  }
}

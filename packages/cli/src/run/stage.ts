/** What happened between two looks at a run. Looking may miss a status that was short; the stages are told all the same. */
import type { Run, RunTask } from "@benchgen/core/wire/api.ts";
import { type TaskStatus, isTerminal, taskMoves } from "@benchgen/core/wire/status.ts";

export interface TaskChange {
  readonly task: RunTask;
  readonly status: TaskStatus;
}

/**
 * Every status the tasks went through since `before`, in the order of the tasks.
 * @param ingests whether a task has an ingestion program, by its index
 */
export function changesBetween(
  before: Run | undefined,
  now: Run,
  ingests: (taskIndex: number) => boolean,
): TaskChange[] {
  return now.tasks.flatMap((task) => {
    const earlier = before?.tasks.find(({ index }) => index === task.index)?.status ?? "queued";
    const wentThrough = now.as === "predictions" || !ingests(task.index) ? direct : withIngestion;
    return passed(earlier, task.status, wentThrough).map((status) => ({ task, status }));
  });
}

const direct: readonly TaskStatus[] = ["queued", "scoring", "succeeded"];
const withIngestion: readonly TaskStatus[] = ["queued", "ingesting", "scoring", "succeeded"];

function passed(before: TaskStatus, now: TaskStatus, way: readonly TaskStatus[]): readonly TaskStatus[] {
  if (before === now) return [];
  const [from, to] = [way.indexOf(before), way.indexOf(now)];
  // A task that failed or was cancelled may have done so at any stage: nothing is made up for it.
  return from === -1 || to === -1 ? [now] : way.slice(from + 1, to + 1);
}

/** How many tasks are over, and how many run now. */
export function progressOf(run: Run): { over: number; active: number; total: number } {
  const over = run.tasks.filter((task) => isTerminal(taskMoves, task.status)).length;
  const waiting = run.tasks.filter((task) => task.status === "queued").length;
  return { over, active: run.tasks.length - over - waiting, total: run.tasks.length };
}

/** What happened between two looks at a run. Looking may miss a status that was short; the stages are told all the same. */
import type { Progress, Run, RunTask, RunUsage } from "@benchgen/core/wire/api.ts";
import { count } from "../output/format.ts";
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

/** The tasks that say they are further than before, in order. */
export function progressSince(
  before: Run | undefined,
  now: Run,
): { readonly task: RunTask; readonly progress: Progress }[] {
  return now.tasks.flatMap((task) => {
    const { index, progress } = task;
    const earlier = before?.tasks.find((each) => each.index === index)?.progress;
    const same = earlier?.done === progress?.done && earlier?.total === progress?.total;
    return progress === undefined || same ? [] : [{ task, progress }];
  });
}

/** `10 of 100 (10 %) accuracy=0.8`, `37 calls`. Full only when all is done. */
export function formatProgress({ done, total, unit, values = {} }: Progress): string {
  const counted = total ?? done;
  const what = unit === undefined ? "" : counted === 1 ? " call" : ` ${unit}`;
  const far =
    total === undefined
      ? `${done}${what}`
      : `${done} of ${total}${what} (${Math.floor((100 * done) / total)} %)`;
  return [far, ...Object.entries(values).map(([name, value]) => `${name}=${value}`)].join(" ");
}

/** What is known of calls to models: an event tells less than a run. */
type KnownUsage = Pick<RunUsage, "calls" | "failed" | "costUsd"> & Partial<RunUsage>;

/** What a run's calls to models have come to so far; nothing before the first. */
export function formatUsage({ usage }: { readonly usage?: KnownUsage | undefined }): string | undefined {
  if (usage === undefined || usage.calls === 0) return undefined;
  const { inputTokens, outputTokens = 0, estimated = 0 } = usage;
  return [
    count(usage.calls, "call"),
    ...(usage.failed === 0 ? [] : [`${usage.failed} without an answer`]),
    usage.costUsd === null ? "cost unknown" : `$${Number(usage.costUsd.toPrecision(3))}`,
    ...(inputTokens === undefined ? [] : [`${inputTokens} tokens in, ${outputTokens} out`]),
    ...(estimated === 0 ? [] : [`estimated of ${count(estimated, "call")}`]),
  ].join(", ");
}

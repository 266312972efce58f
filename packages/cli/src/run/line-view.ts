import type { Run } from "@benchgen/core/wire/api.ts";
import type { TaskStatus } from "@benchgen/core/wire/status.ts";
import type { Output } from "../output/output.ts";
import { text } from "../output/text.ts";
import type { RunView } from "./follow.ts";
import { changesBetween, formatProgress, formatUsage, progressOf, progressSince } from "./stage.ts";

/** With more tasks than this, single steps would drown what matters. */
const fewTasks = 8;
/** One summary line in this time, at most. */
const summaryEveryMs = 2000;

const verbs: Record<TaskStatus, string> = {
  queued: "waiting",
  ingesting: "ingestion",
  scoring: "scoring",
  succeeded: "succeeded",
  failed: "failed",
  cancelled: "cancelled",
};

/** For pipes and logs: a line for each step of a small run, a summary now and then of a large one. */
export function lineView(out: Output, ingests: (taskIndex: number) => boolean): RunView {
  let before: Run | undefined;
  let summary = "";
  let saidAt = 0;
  const showSteps = (run: Run): void => {
    for (const { task, status } of changesBetween(before, run, ingests)) {
      out.note(text`task ${task.index} ${task.name}: ${verbs[status]}`);
    }
    const further = progressSince(before, run);
    if (further.length === 0 || Date.now() - saidAt < summaryEveryMs) return;
    saidAt = Date.now();
    for (const { task, progress } of further) {
      out.note(text`task ${task.index} ${task.name}: ${formatProgress(progress)}`);
    }
    const usage = formatUsage(run);
    if (usage !== undefined) out.note(text`model: ${usage}`);
  };
  const showSummary = (run: Run): void => {
    const { over, active, total } = progressOf(run);
    const next = `${over} of ${total} tasks done, ${active} running`;
    if (next === summary || (Date.now() - saidAt < summaryEveryMs && over < total)) return;
    [summary, saidAt] = [next, Date.now()];
    out.note(text`${next}`);
  };
  return {
    show: (run) => {
      if (run.tasks.length <= fewTasks) showSteps(run);
      else showSummary(run);
      before = run;
    },
    end: () => {},
  };
}

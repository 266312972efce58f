import type { Run, RunTask } from "@benchgen/core/wire/api.ts";
import { isTerminal, taskMoves, type TaskStatus } from "@benchgen/core/wire/status.ts";
import { formatSeconds, secondsBetween } from "../output/format.ts";
import type { Output } from "../output/output.ts";
import { type Text, join, pad, paint, text, truncate } from "../output/text.ts";
import type { RunView } from "./follow.ts";
import { formatProgress, formatUsage, progressOf } from "./stage.ts";

/** Rows for tasks; a larger run shows those that are at work and counts the others. */
const maxRows = 10;
const redrawEveryMs = 120;
const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

const looks: Record<TaskStatus, { mark: string; word: string; color: (value: string) => Text }> = {
  queued: { mark: "·", word: "waiting", color: paint.dim },
  ingesting: { mark: "", word: "ingestion", color: paint.cyan },
  scoring: { mark: "", word: "scoring", color: paint.cyan },
  succeeded: { mark: "✓", word: "succeeded", color: paint.green },
  failed: { mark: "✗", word: "failed", color: paint.red },
  cancelled: { mark: "–", word: "cancelled", color: paint.yellow },
};

/** Redraws a block of lines at the bottom of a terminal: one per task, and the newest line of the log. */
export function liveView(out: Output): RunView {
  let drawn = 0;
  let latest: { run: Run; lastLog: string | undefined } | undefined;
  let frame = 0;
  const erase = (): void => {
    // Up to the block's first line, then clear to the end of the screen.
    if (drawn > 0) out.control(`\u001b[${drawn}A\r\u001b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    if (latest === undefined) return;
    const block = frameOf(latest.run, latest.lastLog, {
      frame: frame++,
      columns: out.columns,
      now: Date.now(),
    });
    erase();
    for (const line of block) out.note(line);
    drawn = block.length;
  };
  const timer = setInterval(draw, redrawEveryMs).unref();
  return {
    show: (run, lastLog) => {
      const first = latest === undefined;
      latest = { run, lastLog };
      if (first) draw();
    },
    end: () => {
      clearInterval(timer);
      erase();
      latest = undefined;
    },
  };
}

/** The block's lines, none wider than the terminal: a wrapped line would be counted wrongly when it is erased. */
export function frameOf(
  run: Run,
  lastLog: string | undefined,
  look: { frame: number; columns: number; now: number },
): Text[] {
  const shown = rowsToShow(run.tasks);
  const nameWidth = Math.min(30, Math.max(...shown.map((task) => text`${task.name}`.width), 1));
  const rows = shown.map((task) => row(task, nameWidth, look));
  const { over, total } = progressOf(run);
  const hidden = total - shown.length;
  if (hidden > 0) rows.push(paint.dim(`  … and ${hidden} more; ${over} of ${total} are done`));
  const usage = formatUsage(run);
  if (usage !== undefined) rows.push(paint.dim(`  model: ${usage}`));
  if (lastLog !== undefined) rows.push(paint.dim(truncate(text`  │ ${lastLog}`, look.columns - 1)));
  return rows.map((line) => truncate(line, look.columns - 1));
}

function rowsToShow(tasks: readonly RunTask[]): readonly RunTask[] {
  if (tasks.length <= maxRows) return tasks;
  const rank = (task: RunTask): number =>
    task.status === "queued" ? 1 : isTerminal(taskMoves, task.status) ? 2 : 0;
  const chosen = tasks.toSorted((a, b) => rank(a) - rank(b) || a.index - b.index).slice(0, maxRows);
  return chosen.toSorted((a, b) => a.index - b.index);
}

function row(task: RunTask, nameWidth: number, look: { frame: number; now: number }): Text {
  const { mark, word, color } = looks[task.status];
  const end = task.endedAt ?? new Date(look.now).toISOString();
  const seconds = secondsBetween(task.startedAt, end);
  return join(
    [
      color(mark === "" ? spinner[look.frame % spinner.length]! : mark),
      pad(truncate(task.name, nameWidth), nameWidth),
      pad(color(word), 10),
      paint.dim(seconds === undefined ? "" : formatSeconds(seconds)),
      ...(task.progress === undefined ? [] : [formatProgress(task.progress)]),
    ],
    " ",
  );
}

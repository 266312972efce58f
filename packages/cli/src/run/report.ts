/** How a run that is over, or is not, is told to a person and to a program. */
import type { EnvironmentVersion, Run, RunTask } from "@benchgen/core/wire/api.ts";
import { scoreOf } from "@benchgen/core/score/score.ts";
import type { Reason } from "@benchgen/core/wire/reason.ts";
import type { RunStatus } from "@benchgen/core/wire/status.ts";
import { count, formatScore, formatSeconds, formatTime, secondsBetween } from "../output/format.ts";
import { type TableColumn, table } from "../output/table.ts";
import { type Text, join, lines, paint, text } from "../output/text.ts";

/** The last line of `run --json`: part of the command's stable interface (docs/cli.md). */
export function doneRecord(run: Run): object {
  return {
    type: "done",
    run: run.id,
    status: run.status,
    reason: run.reason ?? null,
    tasks: run.tasks.map(({ index, name, status, reason, scores, unscored }) => {
      return { index, name, status, reason: reason ?? null, scores, unscored };
    }),
    scores: run.scores,
    ...(run.usage === undefined ? {} : { usage: run.usage }),
  };
}

export function paintStatus(status: RunStatus): Text {
  if (status === "succeeded") return paint.green(status);
  if (status === "queued" || status === "running") return paint.cyan(status);
  return status === "cancelled" ? paint.yellow(status) : paint.red(status.replace("_", " "));
}

/** One paragraph: what it is, how it stands. */
export function renderRunHead(run: Run): Text {
  const took = secondsBetween(run.startedAt, run.endedAt);
  const facts = [
    `${run.environment}@${run.version}`,
    `phase ${run.phase.name}`,
    `${run.as} by ${run.participant}`,
    `created ${formatTime(run.createdAt)} UTC`,
    ...(took === undefined ? [] : [`took ${formatSeconds(took)}`]),
  ];
  return text`${paint.bold(run.name)} ${paintStatus(run.status)}  ${paint.dim(run.id)}\n${paint.dim(facts.join(" · "))}`;
}

/** Scores per task and overall, with the titles and precisions of the version's leaderboards. */
export function renderScores(run: Run, version: EnvironmentVersion): Text | undefined {
  const columns = version.leaderboards
    .flatMap((board) => board.columns.filter((column) => !column.hidden))
    .filter((column, i, all) => all.findIndex(({ key }) => key === column.key) === i);
  const scored = [run, ...run.tasks].some(({ scores }) => Object.keys(scores).length > 0);
  if (!scored || columns.length === 0) return undefined;
  const heads: TableColumn[] = [
    { title: "TASK" },
    ...columns.map(({ title }): TableColumn => ({ title, align: "right" })),
  ];
  const row = (name: string, scores: Run["scores"]): string[] => [
    name,
    ...columns.map(({ key, precision }) => formatScore(scoreOf(scores, key), precision)),
  ];
  const rows = run.tasks.map((task) => row(task.name, task.scores));
  if (run.tasks.length > 1) rows.push(row("mean of tasks", run.scores));
  return table(heads, rows);
}

/** Paragraphs: why it, or a part of it, did not succeed; then what was left unscored and what a reader should know. */
export function renderTroubles(run: Run): Text[] {
  const told = new Map<string, string>();
  const reasons = run.tasks.flatMap((task) =>
    task.reason === undefined ? [] : [renderReason(nameOf(task), task.reason, told)],
  );
  // Where a task has a reason, the run's only repeats it.
  if (run.reason !== undefined && reasons.length === 0) reasons.push(renderReason("run", run.reason, told));
  const remarks = [
    ...renderLastError(run),
    ...run.tasks.flatMap((task) => renderUnscored(run, task)),
    ...renderNotes(run),
  ];
  return remarks.length === 0 ? reasons : [...reasons, join(remarks, "\n")];
}

/** How many had none is told with what all of them came to. */
function renderLastError({ usage }: Run): Text[] {
  if (usage?.lastError === undefined) return [];
  const { code, message } = usage.lastError;
  return [text`model: the last call without an answer: ${paint.yellow(code)} ${message}`];
}

function nameOf(task: RunTask): string {
  return `task ${task.index} ${task.name}`;
}

/** Tasks may have columns of their own: one that the run has a value in is missing from nobody's view. */
function renderUnscored(run: Run, task: RunTask): Text[] {
  return Object.entries(task.unscored)
    .filter(([column]) => !Object.hasOwn(run.scores, column))
    .map(([column, why]) => text`${nameOf(task)}: ${paint.yellow("not scored")} ${column}: ${why}`);
}

/** Tasks are mostly run alike: what is to be said of several is said once. */
function renderNotes(run: Run): Text[] {
  const tasks = new Map<string, RunTask[]>();
  for (const task of run.tasks) {
    for (const note of task.notes) tasks.set(note, [...(tasks.get(note) ?? []), task]);
  }
  return [...tasks].map(([note, of]) => {
    const [first] = of;
    const name = of.length > 1 || first === undefined ? `${of.length} tasks` : nameOf(first);
    return text`${name}: ${paint.dim("note")} ${note}`;
  });
}

/** @param told who wrote which last lines: tasks often fail alike, and once is enough */
function renderReason(name: string, reason: Reason, told: Map<string, string>): Text {
  const parts = [text`${name}: ${paint.red(reason.code)} ${reason.message}`];
  if (reason.hint !== undefined) parts.push(text`  ${paint.cyan("hint:")} ${reason.hint}`);
  const tail = reason.stderrTail?.trimEnd() ?? "";
  const before = told.get(tail);
  if (before !== undefined) {
    parts.push(paint.dim(`  it wrote the same to stderr as ${before}`));
  } else if (tail !== "") {
    told.set(tail, name);
    parts.push(
      paint.dim(`  the last it wrote to stderr (${count(tail.split("\n").length, "line")}):`),
      lines(tail, 4),
    );
  }
  return join(parts, "\n");
}

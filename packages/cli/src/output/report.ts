/** What a run's cases come to, and why they failed, as a person reads it. */
import type {
  CaseReport,
  Estimate,
  FailureCategory,
  RunFailures,
  RunReport,
} from "@benchgen/core/wire/report.ts";
import { count, formatDollars, formatMilliseconds, formatScore, shortNumber } from "./format.ts";
import { type TableColumn, table } from "./table.ts";
import { type Text, join, pad, paint, text, truncate } from "./text.ts";

/** Everything, tasks included. */
export function renderReport(report: RunReport): Text {
  const { overall, tasks, name, environment, environmentVersion, runId } = report;
  const head = text`${paint.bold(name)}  ${environment}@${environmentVersion}  ${paint.dim(runId)}`;
  if (overall === undefined) return text`${head}\nIts scoring program reported no cases.`;
  const parts = [text`${head}\n${renderEssentials(overall, tasks)}`];
  const more = rows(moreOf(overall, tasks));
  if (more !== undefined) parts.push(more);
  if (tasks.length > 1) parts.push(renderTasks(tasks));
  parts.push(...renderProblems(report));
  return join(parts, "\n\n");
}

/**
 * What the end of a run shows: few lines.
 * @param tasks whose cases the report is of, together: a score beside it may be of one of them
 */
export function renderEssentials(report: CaseReport, tasks: RunReport["tasks"]): Text {
  const { accuracy, score, latencyMs, counts, cases, repeats, failures } = report;
  const nothingScored = counts.total > 0 && score === undefined ? "unknown: no case was scored" : undefined;
  const accuracies = tasks.map((task) => task.report.accuracy);
  const means = tasks.map((task) => task.report.score);
  const facts: Fact[] = [
    [repeats > 1 ? "results" : "cases", countsText(report)],
    ["cases", repeats > 1 ? `${cases}, up to ${repeats} results each` : undefined],
    ["accuracy", accuracy ? estimateText(accuracy, accuracies) : nothingScored],
    ["score", score && estimateText(score, means)],
    ["latency", latencyMs && latencyText(latencyMs, counts.total)],
    ["cost", costText(report)],
    ["failed for", categoriesText(failures)],
  ];
  return rows(facts) ?? text``;
}

type Fact = readonly [title: string, value: string | Text | undefined];

/** Lines of a title and a value; those without a value are left out. */
function rows(facts: readonly Fact[]): Text | undefined {
  const known = facts.filter(([, value]) => value !== undefined && text`${value}`.width > 0);
  if (known.length === 0) return undefined;
  const width = Math.max(...known.map(([title]) => text`${title}`.width));
  return join(
    known.map(([title, value]) => text`${paint.dim(pad(title, width))}  ${value ?? ""}`),
    "\n",
  );
}

/** What was not scored stands apart: it counts neither for nor against. */
function countsText({ counts, score }: CaseReport): Text {
  const { total, passed, failed, errored, notScored } = counts;
  if (score !== undefined && notScored === total)
    return text`${total} (rated by score, none passed or failed)`;
  const parts = [
    paint.green(`${passed} passed`),
    paint.red(`${failed} failed`),
    ...(errored > 0 ? [paint.yellow(`${errored} met an error`)] : []),
    ...(notScored > 0 ? [paint.yellow(`${notScored} not scored`)] : []),
  ];
  return text`${total} (${join(parts, ", ")})`;
}

/** Categories that are named; `benchgen failures` names all. */
const namedCategories = 4;

/** Errors come last: they are no failure of what was evaluated. */
function categoriesText(failures: CaseReport["failures"]): Text {
  const errors = failures.find(({ category }) => category === "error");
  const own = failures.filter((each) => each !== errors);
  const rest = own.slice(namedCategories).reduce((sum, { count }) => sum + count, 0);
  const parts = own
    .slice(0, namedCategories)
    .map(({ category, count }) => text`${truncate(category, 20)} ${count}`);
  if (rest > 0) parts.push(text`and ${rest} more`);
  if (errors === undefined) return join(parts, ", ");
  const said = `${count(errors.count, "error")} (no fault of the model)`;
  return parts.length === 0 ? text`${said}` : text`${join(parts, ", ")}; ${said}`;
}

/** @param ofTasks the same of each task; those without one have no part in it */
function estimateText({ value, interval, n }: Estimate, ofTasks: readonly (Estimate | undefined)[]): Text {
  const tasks = ofTasks.filter((each) => each !== undefined).length;
  const over = tasks > 1 ? ` over ${tasks} tasks` : "";
  const how = interval?.method === "bootstrap" ? " by bootstrap" : "";
  const range =
    interval === undefined
      ? ""
      : paint.dim(`  95 % from ${shortScore(interval.low)} to ${shortScore(interval.high)}${how}`);
  return text`${shortScore(value)}${range}${paint.dim(`  n = ${n}${over}`)}`;
}

/** Three decimals; three digits of what has none of them, or too many before them. */
function shortScore(value: number): string {
  const size = Math.abs(value);
  const plain = size === 0 || (size >= 0.01 && size < 1e6);
  return plain ? formatScore(value, 3) : shortNumber(value);
}

function latencyText({ n, mean, p50, p95 }: NonNullable<CaseReport["latencyMs"]>, total: number): string {
  const of = n === total ? "" : ` (known of ${n})`;
  return `mean ${formatMilliseconds(mean)}, median ${formatMilliseconds(p50)}, 95 % within ${formatMilliseconds(p95)}${of}`;
}

/** Undefined where no model was asked, as far as one can tell. */
function costText({ costUsd: { n, total, perCase }, tokens, counts }: CaseReport): string | undefined {
  if (n === 0 && tokens === undefined) return undefined;
  if (total !== null && perCase !== null) return `${formatDollars(total)} (${formatDollars(perCase)} each)`;
  const unpriced = counts.total - n;
  const some = `${unpriced} of ${counts.total} ${unpriced === 1 ? "has" : "have"} none`;
  return `unknown: ${n === 0 ? "no result has one" : some}`;
}

/** What a mean of that name would be taken for. */
const ownLines = new Set(["accuracy", "score", "latency", "cost", "cases", "results"]);

function moreOf(report: CaseReport, tasks: RunReport["tasks"]): Fact[] {
  const { scores, passAtK, tokens, refusals, clusters, counts } = report;
  const known = tokens === undefined || tokens.n === counts.total ? "" : `, known of ${tokens.n}`;
  const chances = passAtK.filter(({ k }, i, all) => (k & (k - 1)) === 0 || i === all.length - 1);
  const ofTasks = (name: string) =>
    tasks.map(({ report: { scores } }) => (Object.hasOwn(scores, name) ? scores[name] : undefined));
  return [
    ...Object.entries(scores).map(([name, mean]): Fact => [
      ownLines.has(name) ? `scores.${name}` : name,
      estimateText(mean, ofTasks(name)),
    ]),
    ["pass@k", chances.map(({ k, value }) => `@${k} ${formatScore(value, 3)}`).join("  ")],
    ["measured", measuredText(report)],
    ["tokens in", tokensText(tokens?.input, tokens?.inputPerCase, known)],
    ["tokens out", tokensText(tokens?.output, tokens?.outputPerCase, known)],
    [
      "refusals",
      refusals.total === 0
        ? undefined
        : `${refusals.total}${refusals.suspected === 0 ? "" : ` (${refusals.suspected} of them not for certain)`}`,
    ],
    ["clusters", clusters === undefined ? undefined : `${clusters}: intervals take cases of one as alike`],
  ];
}

/** Whose numbers latency, tokens and cost are; undefined where there are none. */
function measuredText({ measured = 0, latencyMs, tokens, costUsd, counts }: CaseReport): string | undefined {
  if (latencyMs === undefined && tokens === undefined && costUsd.n === 0) return undefined;
  if (measured === 0) return "nothing: latency, tokens and cost are the program's claims";
  const others = measured < counts.total ? ", the others as the program claims" : "";
  return `by the gateway, ${measured} of ${counts.total}${others}`;
}

function tokensText(
  total: number | undefined,
  perCase: number | undefined,
  known: string,
): string | undefined {
  if (total === undefined || perCase === undefined) return undefined;
  return `${total.toLocaleString("en")} (${perCase.toFixed(1)} each${known})`;
}

function renderTasks(tasks: RunReport["tasks"]): Text {
  const right = (title: string): TableColumn => ({ title, align: "right" });
  const repeated = tasks.some(({ report }) => report.repeats > 1);
  return table(
    [
      { title: "#", align: "right" },
      { title: "TASK" },
      ...[repeated ? "RESULTS" : "CASES", "ACCURACY", "95 %", "ERRORS"].map(right),
    ],
    tasks.map(({ index, name, report: { counts, accuracy } }) => [
      index,
      name,
      counts.total,
      formatScore(accuracy?.value, 3),
      accuracy?.interval === undefined
        ? "–"
        : `${formatScore(accuracy.interval.low, 3)} to ${formatScore(accuracy.interval.high, 3)}`,
      counts.errored,
    ]),
  );
}

/** Of a task; lines that are lost come first. */
const shownProblems = 8;

function renderProblems({ problems }: RunReport): Text[] {
  return problems.map(({ task, lost, total, findings }) => {
    const first = findings.slice(0, shownProblems);
    const head = text`task ${task}: ${paint.yellow(`results.jsonl has ${count(total, "problem")}`)}, ${count(lost, "line")} lost`;
    const shown = first.map(({ message, hint }, i) => {
      const isNew = hint !== undefined && first.findIndex((each) => each.hint === hint) === i;
      return text`  ${message}${isNew ? ` ${hint}` : ""}`;
    });
    const listed = findings.length > first.length ? ` (--json lists ${findings.length})` : "";
    const rest = total > first.length ? [paint.dim(`  … and ${total - first.length} more${listed}`)] : [];
    return join([head, ...shown, ...rest], "\n");
  });
}

/** By category, the most frequent first, with the groups in it. */
export function renderFailures({ total, categories, others }: RunFailures): Text {
  if (total === 0) return text`No case failed.`;
  const parts = categories.map(renderCategory);
  if (others > 0) parts.push(paint.dim(`${count(others, "case")} in further categories`));
  return join(parts, "\n\n");
}

/** Groups of a category that are shown; `--json` has more. */
const shownGroups = 5;

function renderCategory({
  category,
  count: cases,
  sources,
  suspected,
  groups,
  others,
}: FailureCategory): Text {
  const notes = [
    ...(sources.program === undefined ? [] : [`${sources.program} by the scoring program`]),
    ...(sources.judge === undefined ? [] : [`${sources.judge} by a model`]),
    ...(suspected === 0 ? [] : [`${suspected} not for certain`]),
  ];
  const head = text`${paint.red(category)} ${cases}${notes.length === 0 ? "" : paint.dim(` (${notes.join(", ")})`)}`;
  const width = Math.max(...groups.map((group) => String(group.count).length), 1);
  const lines = groups.slice(0, shownGroups).map((group) => {
    const ids = group.examples.map(({ id, epoch }) => (epoch === 1 ? id : `${id} #${epoch}`)).join(", ");
    const head = text`  ${pad(group.count, width, "right")} × ${group.signature || "(nothing said)"}`;
    // A judge may have moved every example there was.
    return ids === "" ? head : text`${head}\n${" ".repeat(width + 5)}${paint.dim(`like ${ids}`)}`;
  });
  const rest = cases - groups.slice(0, shownGroups).reduce((sum, group) => sum + group.count, 0);
  if (rest > 0 || others > 0) lines.push(paint.dim(`  … and ${rest} more, of other kinds`));
  return join([head, ...lines], "\n");
}

/** Runs compared, as a person reads it: the result in a sentence, then the cases that changed, then the numbers. */
import {
  type CaseExample,
  type ComparedRun,
  type Comparison,
  type NumberComparison,
  type PairedDifference,
  type RunComparison,
  type UsageComparison,
  exampleCount,
} from "@benchgen/core/wire/comparison.ts";
import { count } from "./format.ts";
import { table } from "./table.ts";
import { type Text, join, pad, paint, text, truncate } from "./text.ts";

/** @param columns of the terminal */
export function renderComparison({ first, comparisons }: Comparison, columns: number): Text {
  const runs = [first, ...comparisons.map(({ run }) => run)];
  const parts = comparisons.map((comparison) => renderPair(comparison, columns));
  return join([join(runs.map(renderRun), "\n"), ...parts], "\n\n");
}

function renderRun({ label, name, environment, environmentVersion, id }: ComparedRun): Text {
  return text`${paint.bold(label)}  ${name}  ${environment}@${environmentVersion}  ${paint.dim(id)}`;
}

function renderPair(comparison: RunComparison, columns: number): Text {
  const { sentence, resolution, notes, fixed, broken, run } = comparison;
  const parts = [
    text`${paint.bold(sentence)}${resolution === undefined ? "" : text`\n${paint.dim(resolution)}`}`,
    ...notes.map((note) => text`${paint.yellow("note")} ${note}`),
    ...flips({ title: paint.green(`fixed ${fixed.count}`), list: fixed, other: run.label }, columns),
    ...flips({ title: paint.red(`broken ${broken.count}`), list: broken, other: run.label }, columns),
    renderCounts(comparison),
    ...renderNumbers(comparison, columns),
    ...apart(comparison),
  ];
  return join(parts, "\n\n");
}

interface Flips {
  readonly title: Text;
  readonly list: { readonly count: number; readonly examples: readonly CaseExample[] };
  /** The label of the run compared with A. */
  readonly other: string;
}

/** The diff: what each run answered to the cases that went the other way. */
function flips({ title, list, other }: Flips, columns: number): Text[] {
  if (list.count === 0) return [];
  const entries = list.examples.map((example) => {
    const { task, id, epoch, input = "", target, first, other: answered } = example;
    const name = `${task === 0 ? "" : `task ${task}: `}${id}${epoch === 1 ? "" : ` #${epoch}`}`;
    const question = input === "" ? "" : `  ${input}`;
    const said = [
      ["A", first],
      [other, answered],
      ["expected", target],
    ] as const;
    const answers = said.flatMap(([who, what]) => (what === undefined ? [] : [text`${who} ${what}`]));
    const width = Math.max(20, columns - 4);
    return join(
      [
        truncate(text`  ${name}${question}`, columns),
        ...answers.map((answer) => text`    ${paint.dim(truncate(answer, width))}`),
      ],
      "\n",
    );
  });
  const rest = list.count - list.examples.length;
  return [
    join(
      [
        title,
        ...entries,
        ...(rest > 0
          ? [paint.dim(`  … and ${rest} more (--examples N shows up to ${exampleCount.most})`)]
          : []),
      ],
      "\n",
    ),
  ];
}

function renderCounts({ run: { label }, passed, matched }: RunComparison): Text {
  if (passed === undefined)
    return text`${count(matched, "case")} in common, none of them passed or failed in both.`;
  const { table: cells, n } = passed;
  const width = String(n).length;
  const cell = (value: number, title: string) => text`${pad(value, width, "right")} ${title}`;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  return join(
    [
      text`${count(n, "case")} scored in both: A passes ${percent(passed.first)}, ${label} ${percent(passed.other)}`,
      text`  ${cell(cells.bothPassed, "both passed")}   ${cell(cells.fixed, `only ${label} passed`)}`,
      text`  ${cell(cells.broken, "only A passed")} ${cell(cells.bothFailed, "both failed")}`,
    ],
    "\n",
  );
}

const usageTitles: Readonly<Record<UsageComparison["name"], string>> = {
  latencyMs: "latency, ms",
  inputTokens: "tokens in",
  outputTokens: "tokens out",
  costUsd: "cost, $",
};

/**
 * Means of scores and medians of usage in one table, each with the difference within cases. On a narrow terminal without
 * how many cases each is of.
 */
function renderNumbers({ run: { label }, scores, usage }: RunComparison, columns: number): Text[] {
  if (scores.length + usage.length === 0) return [];
  const row = (title: string, { first, other, difference, n }: Omit<NumberComparison, "name">) => [
    title,
    short(first),
    short(other),
    text`${difference.estimate > 0 ? "+" : ""}${short(difference.estimate)}`,
    rangeText(difference),
    n,
  ];
  const titles = ["A", label, "DIFFERENCE", "95 % CI", "CASES"].map((title) => ({
    title,
    align: "right" as const,
  }));
  const rows = [
    ...scores.map((score) => row(`mean ${score.name}`, score)),
    ...usage.map((use) => row(`median ${usageTitles[use.name]}`, use)),
  ];
  const whole = table([{ title: "" }, ...titles], rows);
  const [line = ""] = whole.plain.split("\n");
  return [text`${line}`.width <= columns ? whole : table([{ title: "" }, ...titles.slice(0, -1)], rows)];
}

function rangeText({ low, high }: PairedDifference): string {
  return low === undefined || high === undefined ? "–" : `${short(low)} to ${short(high)}`;
}

/** Three significant digits; with an exponent where zeros would fill the line. */
function short(value: number): string {
  const rounded = Number(value.toPrecision(3));
  const size = Math.abs(rounded);
  return size !== 0 && (size < 1e-6 || size >= 1e12)
    ? String(rounded)
    : rounded.toLocaleString("en", { maximumSignificantDigits: 3 });
}

/** What the comparison leaves out, by name: it counts for neither run. */
function apart({ run, changed, onlyInFirst, onlyInOther, notScored }: RunComparison): Text[] {
  const unscored = notScored.first + notScored.other + notScored.both;
  const facts: (readonly [number, string, readonly CaseExample[]])[] = [
    [changed.count, "with another input or target", changed.examples],
    [onlyInFirst.count, "only in A", onlyInFirst.examples],
    [onlyInOther.count, `only in ${run.label}`, onlyInOther.examples],
    [
      unscored,
      `not scored (${notScored.first} in A, ${notScored.other} in ${run.label}, ${notScored.both} in both)`,
      [],
    ],
  ];
  const lines = facts
    .filter(([number]) => number > 0)
    .map(([number, what, examples]) => {
      const ids = examples.slice(0, 5).map(({ id }) => id);
      const shown = ids.length === 0 ? "" : text`: ${ids.join(", ")}${number > ids.length ? ", …" : ""}`;
      return text`${paint.yellow("left out")} ${count(number, "case")} ${what}${shown}`;
    });
  return lines.length === 0 ? [] : [join(lines, "\n")];
}

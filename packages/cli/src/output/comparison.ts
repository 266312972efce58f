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
import { count, shortNumber } from "./format.ts";
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

function renderCounts({ run: { label }, passed, scores, matched }: RunComparison): Text {
  if (passed === undefined) {
    const how = scores.length === 0 ? "." : ": they are compared by score.";
    return text`${count(matched, "case")} in common, none of which passed or failed in both${how}`;
  }
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
  const row = (title: string, compared: Omit<NumberComparison, "name">) => {
    const { first, other, difference, n } = compared;
    const show = formatOfRow(compared);
    const sign = difference.estimate > 0 ? "+" : "";
    return [
      title,
      show(first),
      show(other),
      `${sign}${show(difference.estimate)}`,
      rangeText(difference, show),
      n,
    ];
  };
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

function rangeText({ low, high }: PairedDifference, show: (value: number) => string): string {
  return low === undefined || high === undefined ? "–" : `${show(low)} to ${show(high)}`;
}

/** More decimals than these nobody reads. */
const mostDecimals = 9;

/** All of a row alike, to a thirtieth of the difference's widest end at most: they are read against each other. */
function formatOfRow({
  first,
  other,
  difference,
}: Omit<NumberComparison, "name">): (value: number) => string {
  const { estimate, low = estimate, high = estimate } = difference;
  const sizeOf = (values: readonly number[]) => Math.max(...values.map(Math.abs));
  const spread = sizeOf([estimate, low, high]) || sizeOf([first, other]);
  const decimals = spread === 0 ? 0 : Math.max(0, Math.ceil(1.5 - Math.log10(spread)));
  const all = [first, other, estimate, low, high];
  if (decimals > mostDecimals || sizeOf(all) >= 1e12) return shortNumber;
  // Zeros at the end of all of them say nothing.
  const needed = all.map(
    (value) =>
      value
        .toFixed(decimals)
        .replace(/\.?0*$/, "")
        .split(".")[1]?.length ?? 0,
  );
  const digits = Math.max(...needed);
  const format = {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: "negative",
  } as const;
  return (value) => value.toLocaleString("en", format);
}

/** What the comparison leaves out, by name: it counts for neither run. */
function apart({ run, passed, changed, onlyInFirst, onlyInOther, notScored }: RunComparison): Text[] {
  // Where nothing passes or fails nothing is left out for it.
  const unscored = passed === undefined ? 0 : notScored.first + notScored.other + notScored.both;
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

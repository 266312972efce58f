/** Cases as a person reads them: a table of many, or one with everything it has. */
import type {
  CaseDetail,
  CaseFailure,
  CaseLine,
  CaseOutcome,
  CaseSummary,
} from "@benchgen/core/wire/case.ts";
import { formatDollars, formatMilliseconds } from "./format.ts";
import { type TableColumn, table } from "./table.ts";
import { type Printable, type Text, join, lines, paint, text, truncate } from "./text.ts";

/** From so many columns on there is room for what each case took. */
const roomyColumns = 120;

/** @param columns of the terminal, which the table fills and does not exceed */
export function renderCases(cases: readonly CaseSummary[], columns: number): Text {
  const facts = factColumns(cases, columns);
  const cells = cases.map((shown) => facts.map(({ cell }) => cell(shown)));
  const used = Math.max(
    ...table(facts, cells)
      .plain.split("\n")
      .map((line) => text`${line}`.width),
  );
  const titles = ["INPUT", "ANSWER", "EXPECTED"];
  const texts = cases.map(({ input, output, target }) =>
    [input, output, target].map((value) => text`${value ?? "–"}`),
  );
  const wanted = titles.map((title, i) => Math.max(title.length, ...texts.map((row) => row[i]!.width)));
  const widths = shareOf(wanted, columns - used - 2 * titles.length);
  return table(
    [...facts, ...titles.map((title) => ({ title }))],
    texts.map((row, position) => [
      ...cells[position]!,
      ...row.map((value, i) => truncate(value, widths[i]!)),
    ]),
  );
}

interface FactColumn extends TableColumn {
  readonly cell: (shown: CaseSummary) => Printable;
}

/** Which case it is, how it ended and what it took; a column that would say the same of all, or nothing, is left out. */
function factColumns(cases: readonly CaseSummary[], columns: number): readonly FactColumn[] {
  const [idWidth, causeWidth] = columns < 100 ? [12, 12] : [24, 16];
  const right = (title: string, cell: FactColumn["cell"]): FactColumn => ({ title, align: "right", cell });
  const took = (title: string, cell: (shown: CaseSummary) => string | undefined): FactColumn[] =>
    columns >= roomyColumns && cases.some((shown) => cell(shown) !== undefined)
      ? [right(title, (shown) => cell(shown) ?? "–")]
      : [];
  return [
    ...(new Set(cases.map(({ task }) => task)).size > 1 ? [right("TASK", ({ task }) => task)] : []),
    { title: "CASE", cell: ({ id }) => truncate(id, idWidth) },
    ...(cases.some(({ epoch }) => epoch > 1) ? [right("EPOCH", ({ epoch }) => epoch)] : []),
    { title: "OUTCOME", cell: ({ outcome }) => paintOutcome(outcome) },
    ...(cases.some(({ failure }) => failure !== undefined)
      ? [
          {
            title: "WHY",
            cell: ({ failure }: CaseSummary) => truncate(failure ? causeOf(failure) : "", causeWidth),
          },
        ]
      : []),
    ...took("LATENCY", ({ latencyMs }) =>
      latencyMs === undefined ? undefined : formatMilliseconds(latencyMs),
    ),
    ...took("TOKENS IN", ({ inputTokens }) => inputTokens?.toLocaleString("en")),
    ...took("OUT", ({ outputTokens }) => outputTokens?.toLocaleString("en")),
    ...took("COST", ({ costUsd }) => (costUsd === undefined ? undefined : formatDollars(costUsd))),
  ];
}

/** What is narrow gets what it wants; the others share what is left. */
function shareOf(wanted: readonly number[], room: number): number[] {
  let left = room;
  const widths = [...wanted];
  const narrowFirst = [...wanted.keys()].sort((a, b) => wanted[a]! - wanted[b]!);
  for (const [done, i] of narrowFirst.entries()) {
    widths[i] = Math.max(4, Math.min(wanted[i]!, Math.floor(left / (wanted.length - done))));
    left -= widths[i];
  }
  return widths;
}

export function paintOutcome({ status }: CaseOutcome): Text {
  if (status === "passed") return paint.green(status);
  return status === "failed" ? paint.red(status) : paint.yellow("not scored");
}

/** `refusal?` when a rule is not sure of it. */
function causeOf({ category, confidence }: CaseFailure): string {
  return confidence === "low" ? `${category}?` : category;
}

/** Everything the case has. Texts stand on lines of their own. */
export function renderCase(shown: CaseDetail): Text {
  const { task, id, epoch, line, outcome, failure, result } = shown;
  const why = outcome.status === "not_scored" ? text` ${outcome.reason.message}` : text``;
  const head = text`${paint.bold(id)} ${paintOutcome(outcome)}${why}`;
  const place = paint.dim(`task ${task} · epoch ${epoch} · line ${line} of results.jsonl`);
  const cause =
    failure === undefined
      ? []
      : [
          text`${outcome.status === "failed" ? "failed" : "not scored"} for: ${paint.red(failure.category)} ${paint.dim(`(${sourceOf(failure)})`)}`,
          ...(failure.explanation ? [text`  ${failure.explanation}`] : []),
        ];
  const facts = [
    scoresOf(result).join(" · "),
    factLine("measured by the gateway", measuredOf(shown)),
    factLine("claimed by the program", claimedIn(result)),
  ].flatMap((fact) => (fact === "" ? [] : [paint.dim(fact)]));
  const rest = otherFields(result);
  return join(
    [
      join([head, place, ...cause], "\n"),
      ...textsOf(result).map(([title, value]) => text`${paint.cyan(title)}\n${lines(value, 2)}`),
      ...(facts.length === 0 ? [] : [join(facts, "\n")]),
      ...(Object.keys(rest).length === 0
        ? []
        : [text`${paint.cyan("other fields")}\n${lines(JSON.stringify(rest, undefined, 2), 2)}`]),
    ],
    "\n\n",
  );
}

function sourceOf({ source, confidence, judge }: CaseFailure): string {
  const by = {
    program: "said by the scoring program",
    rule: "by rule",
    judge: `judged by ${judge ?? "a model"}`,
  }[source];
  return confidence === "low" ? `${by}, not certain` : by;
}

function textsOf(result: CaseLine): [title: string, value: string][] {
  const { input, output, target, extracted_answer, explanation, error } = result;
  const texts: [string, string | undefined][] = [
    ["input", messagesText(input)],
    ["answer", messagesText(output)],
    ["extracted answer", extracted_answer ?? undefined],
    ["expected", Array.isArray(target) ? target.join("\n") : (target ?? undefined)],
    ["explanation", explanation ?? undefined],
    ["error", error ? [error.type, error.message].filter(Boolean).join(": ") : undefined],
    ["detail", result.failure?.detail ?? undefined],
  ];
  return texts.filter((part): part is [string, string] => part[1] !== undefined);
}

function messagesText(value: CaseLine["output"]): string | undefined {
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  return [value]
    .flat()
    .map(({ role, content, ...more }) => {
      const said =
        typeof content === "string" || content === null ? (content ?? "") : JSON.stringify(content);
      const extra = Object.keys(more).length === 0 ? "" : `\n${JSON.stringify(more)}`;
      return `[${role}] ${said}${extra}`;
    })
    .join("\n");
}

function scoresOf({ score, scores }: CaseLine): string[] {
  const named = Object.entries(scores ?? {}).map(([name, value]) => `${name} ${value}`);
  return typeof score === "number" ? [`score ${score}`, ...named] : named;
}

function factLine(title: string, facts: readonly string[]): string {
  return facts.length === 0 ? "" : `${title}: ${facts.join(" · ")}`;
}

/** What a case took, whoever says so. */
interface Taken {
  readonly latencyMs?: number | null | undefined;
  readonly calls?: number | undefined;
  readonly inputTokens?: number | undefined;
  readonly cachedInputTokens?: number | undefined;
  readonly outputTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
  readonly costUsd?: number | null | undefined;
  readonly model?: string | null | undefined;
  readonly stopReason?: string | null | undefined;
}

function measuredOf({ measured, ...taken }: CaseDetail): string[] {
  if (measured === undefined) return [];
  return [
    ...factsOf({ ...taken, ...measured }),
    ...(measured.estimated === true ? ["tokens estimated"] : []),
    ...(measured.error === undefined ? [] : [`no answer: ${measured.error.message}`]),
  ];
}

function claimedIn({ latency_ms, usage, cost_usd, model, stop_reason }: CaseLine): string[] {
  return factsOf({
    latencyMs: latency_ms,
    inputTokens: usage?.input_tokens,
    cachedInputTokens: usage?.cached_input_tokens,
    outputTokens: usage?.output_tokens,
    reasoningTokens: usage?.reasoning_tokens,
    costUsd: cost_usd,
    model,
    stopReason: stop_reason,
  });
}

function factsOf(taken: Taken): string[] {
  const { latencyMs, calls, inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = taken;
  const part = (count: number | undefined, name: string) => (count ? ` (${count} ${name})` : "");
  return [
    ...(typeof latencyMs === "number" ? [formatMilliseconds(latencyMs)] : []),
    ...(calls !== undefined && calls > 1 ? [`${calls} calls`] : []),
    ...(inputTokens === undefined ? [] : [`${inputTokens} tokens in${part(cachedInputTokens, "cached")}`]),
    ...(outputTokens === undefined ? [] : [`${outputTokens} out${part(reasoningTokens, "reasoning")}`]),
    ...(typeof taken.costUsd === "number" ? [formatDollars(taken.costUsd)] : []),
    ...(taken.model ? [taken.model] : []),
    ...(taken.stopReason ? [`stopped: ${taken.stopReason}`] : []),
  ];
}

const shownFields = new Set(
  "id epoch input output target passed score scores extracted_answer explanation latency_ms usage cost_usd model stop_reason error failure".split(
    " ",
  ),
);

/** What the program wrote beside the fields everyone knows. */
function otherFields(result: CaseLine): Record<string, unknown> {
  return Object.fromEntries(Object.entries(result).filter(([name]) => !shownFields.has(name)));
}

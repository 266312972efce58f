/** A case as a record of each format. Pure: a stream of cases becomes a file without any of them being kept. */
import type { CasePlace } from "../case/cursor.ts";
import { textOf } from "../case/text.ts";
import { csvRecord } from "../leaderboard/csv.ts";
import type { CaseExportFormat } from "../wire/case-export.ts";
import type { RunId } from "../wire/id.ts";
import { jsonLine } from "./json.ts";
import { assistant, completionOf, promptOf, targetOf, toInspect, toVerifiers } from "./message.ts";
import type { ExportStep, WholeCase } from "./whole-case.ts";

/** Where cases come from: every file says so, in its rows or, where its format knows no such field, in its name. */
export interface Provenance {
  readonly environment: string;
  readonly version: number;
  readonly run: RunId;
}

export interface CaseFormat {
  readonly contentType: string;
  readonly extension: string;
  readonly header?: string;
  /**
   * One record, with its line end; undefined for a case that lacks what the format is made of.
   * @param position of the record in the file, from 0
   */
  record(found: WholeCase, from: Provenance, position: number): string | undefined;
}

/** JSON Lines of what `value` makes of a case. */
function jsonLines(
  value: (found: WholeCase, from: Provenance, position: number) => object | undefined,
): CaseFormat {
  return {
    contentType: "application/jsonl",
    extension: "jsonl",
    record: (found, from, position) => {
      const made = value(found, from, position);
      return made === undefined ? undefined : `${jsonLine(made)}\n`;
    },
  };
}

/**
 * Supervised fine-tuning on chats: the prompt, and the expected answer as the assistant's. Only the fields the format
 * has: services refuse others.
 */
const chat = jsonLines(({ line }) => {
  const [prompt, target] = [promptOf(line), targetOf(line)];
  return prompt && target !== undefined ? { messages: [...prompt, assistant(target)] } : undefined;
});

/** Preference (DPO) fine-tuning: the expected answer is preferred to the one given, which must have failed. */
const preference = jsonLines(({ line, outcome }) => {
  const [messages, target, given] = [promptOf(line), targetOf(line), textOf(line.output)];
  if (messages === undefined || target === undefined || given === "") return undefined;
  // Nothing is to be learned against an answer that is right, in whatever words.
  if (outcome.status !== "failed" || [line.target].flat().includes(given)) return undefined;
  return {
    input: { messages },
    preferred_output: [assistant(target)],
    non_preferred_output: [assistant(given)],
  };
});

/** The line as it was written, and under one name of ours what the platform knows: only a field of that name is replaced. */
const jsonl = jsonLines(({ line, task, outcome, failure, taken }, from) => ({
  ...line,
  benchgen: { ...from, task, outcome, ...(failure && { failure }), ...(taken.measured && taken) },
}));

type Cell = string | number | null | undefined;

/** By column: its cell. What is unknown is empty. */
const csvCells: Readonly<Record<string, (found: WholeCase, from: Provenance) => Cell>> = {
  environment: (_, from) => from.environment,
  version: (_, from) => from.version,
  run: (_, from) => from.run,
  task: ({ task }) => task,
  id: ({ line }) => line.id,
  epoch: ({ line }) => line.epoch,
  outcome: ({ outcome }) => outcome.status,
  category: ({ failure }) => failure?.category,
  score: ({ line }) => line.score,
  input: ({ line }) => jsonOrText(line.input),
  output: ({ line }) => jsonOrText(line.output),
  target: ({ line }) => jsonOrText(line.target),
  extracted_answer: ({ line }) => line.extracted_answer,
  explanation: ({ line }) => line.explanation,
  error: ({ line: { error } }) => error?.message ?? error?.type,
  latency_ms: ({ taken }) => taken.latencyMs,
  input_tokens: ({ taken }) => taken.inputTokens,
  output_tokens: ({ taken }) => taken.outputTokens,
  cost_usd: ({ taken }) => taken.costUsd,
  measured_by: ({ taken }) => (taken.measured === undefined ? undefined : "gateway"),
};

const csv: CaseFormat = {
  contentType: "text/csv; charset=utf-8",
  extension: "csv",
  header: csvRecord(Object.keys(csvCells)),
  record: (found, from) => csvRecord(Object.values(csvCells).map((cell) => cell(found, from) ?? undefined)),
};

/** Messages and lists keep their structure, as JSON. */
function jsonOrText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * A sample of an Inspect data set, with how it went: `value` as Inspect's scorers have it, `answer` what was compared.
 * Ids are unique in the file, as Inspect asks.
 */
const inspect = jsonLines(({ line, task, outcome, failure }, from) => {
  const input = typeof line.input === "string" ? line.input : toInspect(promptOf(line) ?? []);
  if (input === undefined || input.length === 0) return undefined;
  const verdict = { passed: "C", failed: "I", not_scored: null }[outcome.status];
  return {
    id: `${task === 0 ? "" : `${task}/`}${line.id}${line.epoch === 1 ? "" : `#${line.epoch}`}`,
    input,
    target: line.target ?? "",
    value: line.score ?? verdict,
    answer: line.extracted_answer ?? textOf(line.output),
    explanation: line.explanation ?? null,
    metadata: { ...from, task, case: line.id, epoch: line.epoch, category: failure?.category ?? null },
  };
});

/**
 * A rollout as `vf-eval` saves them: `example_id` counts rows, `info` says which case it is. A reward is a number there,
 * so cases that were not scored have no place in it.
 */
const verifiers = jsonLines(({ line, task, outcome, failure }, from, position) => {
  const prompt = promptOf(line);
  const reward = line.score ?? { passed: 1, failed: 0, not_scored: undefined }[outcome.status];
  if (prompt === undefined || reward === undefined) return undefined;
  return {
    example_id: position,
    task: from.environment,
    prompt: toVerifiers(prompt),
    completion: completionOf(line) ?? [],
    answer: targetOf(line) ?? "",
    reward,
    is_completed: true,
    is_truncated: line.stop_reason === "length" || failure?.category === "truncated",
    metrics: line.scores ?? {},
    info: { ...from, task, case: line.id, epoch: line.epoch, category: failure?.category ?? null },
  };
});

export const caseFormats: Readonly<Record<CaseExportFormat, CaseFormat>> = {
  chat,
  preference,
  jsonl,
  csv,
  inspect,
  verifiers,
};

/** A part of a file of cases. */
export interface FilePart {
  /** May be empty. */
  readonly text: string;
  /** Where the file goes on. */
  readonly next: FilePlace;
}

export interface FilePlace extends CasePlace {
  /** Records before it. */
  readonly records: number;
}

/**
 * A file of them, written while they are read.
 * @param begin where an earlier part ended; the file's beginning by default
 */
export async function* formatCases(
  steps: AsyncIterable<ExportStep>,
  format: CaseFormat,
  from: Provenance,
  begin?: FilePlace,
): AsyncGenerator<FilePart> {
  let records = begin?.records ?? 0;
  if (begin === undefined && format.header !== undefined) {
    yield { text: format.header, next: { task: 0, offset: 0, records } };
  }
  for await (const {
    case: found,
    next: { task, offset },
  } of steps) {
    const record = found && format.record(found, from, records);
    if (record !== undefined) records++;
    yield { text: record ?? "", next: { task, offset, records } };
  }
}

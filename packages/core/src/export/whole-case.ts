/** Whole cases of a run that match, in order. */
import { collect } from "../bundle/byte-source.ts";
import type { CasePlace, CaseQuery } from "../case/cursor.ts";
import { listFor, matches } from "../case/directory.ts";
import type { RunCases, TaskCases } from "../case/list.ts";
import { parseLine } from "../case/parse-line.ts";
import { scanSummaries } from "../case/scan.ts";
import type { StoredCase } from "../case/stored.ts";
import { searchText } from "../case/text.ts";
import { type Verdicts, listedFilter, noVerdicts, withVerdict } from "../judge/verdict.ts";
import type { Blobs } from "../ports.ts";
import { Turn } from "../turn.ts";
import type { CaseFailure, CaseLine, CaseOutcome } from "../wire/case.ts";
import type { RunId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";

/** A case as its program wrote it, with what the platform makes of it. */
export interface WholeCase {
  /** Index of its task. */
  readonly task: number;
  readonly outcome: CaseOutcome;
  readonly failure: CaseFailure | undefined;
  /** What counts: what the gateway measured, or else what the line claims. */
  readonly taken: Pick<StoredCase, "latencyMs" | "inputTokens" | "outputTokens" | "costUsd" | "measured">;
  readonly line: CaseLine;
}

/** One further through the cases: one that matches, or none, where that much was looked through. */
export interface ExportStep {
  readonly case?: WholeCase;
  /** Where to go on. */
  readonly next: CasePlace;
}

/** Lines this near to each other are read in one request. Bytes. */
const maxGap = 64 * 1024;
/** A request is ended at this size, so that memory does not grow with the file. */
const maxSpan = 4 * 1024 * 1024;
/** Summaries that are looked at before it is told how far that was. */
const maxScanned = 10_000;

/**
 * By task, in the order in which they were written; in memory of one request, a few MB.
 * @param from where an earlier reading ended, of the same query
 */
export async function* wholeCases(
  blobs: Pick<Blobs, "stream">,
  run: RunCases,
  query: CaseQuery,
  from: CasePlace = { task: 0, offset: 0 },
): AsyncGenerator<ExportStep> {
  const wanted = query.q?.toLowerCase();
  const { verdicts = noVerdicts } = run;
  const turn = new Turn();
  for (const task of run.tasks) {
    if (task.index < from.task || (query.task !== undefined && task.index !== query.task)) continue;
    const of = { runId: run.id, task, verdicts };
    const start = task.index === from.task ? from.offset : 0;
    for await (const { cases, next } of spansOf(summaries(blobs, of, { ...query, start }))) {
      for await (const { case: found, next } of readSpan(blobs, { runId: run.id, task: task.index }, cases)) {
        if (turn.isOver) await turn.pass();
        const matches = wanted === undefined || searchText(found.line).includes(wanted);
        const place = { task: task.index, offset: next };
        yield matches ? { case: found, next: place } : { next: place };
      }
      yield { next: { task: task.index, offset: next } };
    }
  }
}

/** A summary that matches, or none; and where the next one begins, in the list that the query reads. */
interface Listed {
  readonly case?: StoredCase;
  readonly next: number;
}

async function* summaries(
  blobs: Pick<Blobs, "stream">,
  of: { readonly runId: RunId; readonly task: TaskCases; readonly verdicts: Verdicts },
  query: CaseQuery & { readonly start: number },
): AsyncGenerator<Listed> {
  const { runId, task, verdicts } = of;
  const list = listFor(task.directory, listedFilter(query, verdicts));
  if (list === undefined) return;
  const part = list.section === undefined ? "summary.jsonl" : (`section-${list.section}.jsonl` as const);
  const range = { start: query.start, end: list.bytes, expected: list.bytes };
  for await (const { case: stored, next } of scanSummaries(
    blobs,
    blobKey.cases(runId, task.index, part),
    range,
  )) {
    const seen = withVerdict(verdicts, task.index, stored);
    yield matches(seen, query) ? { case: seen, next } : { next };
  }
}

/** Cases whose lines are read together, and how far the list was read for them. */
interface Span {
  readonly cases: readonly Required<Listed>[];
  readonly next: number;
}

async function* spansOf(listed: AsyncIterable<Listed>): AsyncGenerator<Span> {
  let cases: Required<Listed>[] = [];
  let [scanned, next] = [0, 0];
  for await (const { case: stored, next: after } of listed) {
    if (scanned >= maxScanned || (stored !== undefined && !isNear(stored, cases))) {
      yield { cases, next };
      [cases, scanned] = [[], 0];
    }
    if (stored !== undefined) cases.push({ case: stored, next: after });
    next = after;
    scanned++;
  }
  if (scanned > 0) yield { cases, next };
}

/** Whether the case's line is read together with those of the others. */
function isNear({ at: [offset, length] }: StoredCase, cases: readonly Required<Listed>[]): boolean {
  const [first, last] = [cases[0], cases.at(-1)];
  if (first === undefined || last === undefined) return true;
  const [lastStart, lastLength] = last.case.at;
  return offset - (lastStart + lastLength) <= maxGap && offset + length - first.case.at[0] <= maxSpan;
}

async function* readSpan(
  blobs: Pick<Blobs, "stream">,
  { runId, task }: { readonly runId: RunId; readonly task: number },
  cases: Span["cases"],
): AsyncGenerator<{ readonly case: WholeCase; readonly next: number }> {
  const [first, last] = [cases[0], cases.at(-1)];
  if (first === undefined || last === undefined) return;
  const start = first.case.at[0];
  const end = last.case.at[0] + last.case.at[1];
  const bytes = await collect(await blobs.stream(blobKey.results(runId, task), { start, end }), end - start);
  for (const {
    case: { at, line: number, outcome, failure, ...stored },
    next,
  } of cases) {
    const from = at[0] - start;
    const parsed = parseLine(bytes.subarray(from, from + at[1]));
    if (typeof parsed === "string") throw new Error(`line ${number} of task ${task} of ${runId} ${parsed}`);
    const { latencyMs, inputTokens, outputTokens, costUsd, measured } = stored;
    const taken = { latencyMs, inputTokens, outputTokens, costUsd, measured };
    yield { case: { task, outcome, failure, taken, line: parsed.line }, next };
  }
}

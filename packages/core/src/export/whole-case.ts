/** Whole cases of a run that match, in order. */
import { collect } from "../bundle/byte-source.ts";
import type { CaseQuery } from "../case/cursor.ts";
import { listFor, matches } from "../case/directory.ts";
import type { RunCases, TaskCases } from "../case/list.ts";
import { parseLine } from "../case/parse-line.ts";
import { scanSummaries } from "../case/scan.ts";
import type { StoredCase } from "../case/stored.ts";
import { searchText } from "../case/text.ts";
import { type Verdicts, listedFilter, noVerdicts, withVerdict } from "../judge/verdict.ts";
import type { Blobs } from "../ports.ts";
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

/** Lines this near to each other are read in one request. Bytes. */
const maxGap = 64 * 1024;
/** A request is ended at this size, so that memory does not grow with the file. */
const maxSpan = 4 * 1024 * 1024;

/** By task, in the order in which they were written; in memory of one request, a few MB. */
export async function* wholeCases(
  blobs: Pick<Blobs, "stream">,
  run: RunCases,
  query: CaseQuery,
): AsyncGenerator<WholeCase> {
  const wanted = query.q?.toLowerCase();
  const { verdicts = noVerdicts } = run;
  for (const task of run.tasks) {
    if (query.task !== undefined && task.index !== query.task) continue;
    for await (const span of spansOf(summaries(blobs, { runId: run.id, task, verdicts }, query))) {
      for await (const found of readSpan(blobs, { runId: run.id, task: task.index }, span)) {
        if (wanted === undefined || searchText(found.line).includes(wanted)) yield found;
      }
    }
  }
}

async function* summaries(
  blobs: Pick<Blobs, "stream">,
  of: { readonly runId: RunId; readonly task: TaskCases; readonly verdicts: Verdicts },
  query: CaseQuery,
): AsyncGenerator<StoredCase> {
  const { runId, task, verdicts } = of;
  const list = listFor(task.directory, listedFilter(query, verdicts));
  if (list === undefined) return;
  const part = list.section === undefined ? "summary.jsonl" : (`section-${list.section}.jsonl` as const);
  const range = { start: 0, end: list.bytes, expected: list.bytes };
  for await (const { case: stored } of scanSummaries(blobs, blobKey.cases(runId, task.index, part), range)) {
    const seen = withVerdict(verdicts, task.index, stored);
    if (matches(seen, query)) yield seen;
  }
}

/** Cases whose lines are read together. */
async function* spansOf(cases: AsyncIterable<StoredCase>): AsyncGenerator<readonly StoredCase[]> {
  let span: StoredCase[] = [];
  for await (const stored of cases) {
    const [start] = span[0]?.at ?? stored.at;
    const [lastStart, lastLength] = span.at(-1)?.at ?? stored.at;
    const [offset, length] = stored.at;
    const near = offset - (lastStart + lastLength) <= maxGap && offset + length - start <= maxSpan;
    if (!near && span.length > 0) {
      yield span;
      span = [];
    }
    span.push(stored);
  }
  if (span.length > 0) yield span;
}

async function* readSpan(
  blobs: Pick<Blobs, "stream">,
  { runId, task }: { readonly runId: RunId; readonly task: number },
  span: readonly StoredCase[],
): AsyncGenerator<WholeCase> {
  const [start] = span[0]!.at;
  const [lastStart, lastLength] = span.at(-1)!.at;
  const end = lastStart + lastLength;
  const bytes = await collect(await blobs.stream(blobKey.results(runId, task), { start, end }), end - start);
  for (const { at, line: number, outcome, failure, ...stored } of span) {
    const from = at[0] - start;
    const parsed = parseLine(bytes.subarray(from, from + at[1]));
    if (typeof parsed === "string") throw new Error(`line ${number} of task ${task} of ${runId} ${parsed}`);
    const { latencyMs, inputTokens, outputTokens, costUsd, measured } = stored;
    const taken = { latencyMs, inputTokens, outputTokens, costUsd, measured };
    yield { task, outcome, failure, taken, line: parsed.line };
  }
}

/** Reads what a comparison is made of: the numbers of all of a run's cases, and the summaries of a few as examples. */
import { collect } from "../bundle/byte-source.ts";
import { readGroups } from "../case/column-file.ts";
import { ColumnWriter } from "../case/column-writer.ts";
import type { RunCases, TaskCases } from "../case/list.ts";
import { parseStored, scanSummaries } from "../case/scan.ts";
import type { StoredCase } from "../case/stored.ts";
import { NotFound } from "../error.ts";
import type { Ports } from "../ports.ts";
import { Turn } from "../turn.ts";
import type { CaseExample } from "../wire/comparison.ts";
import type { RunId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { CaseColumns, type CasePlace } from "./column.ts";
import type { Pair } from "./pair.ts";

/** All of a run's cases, paired by task and id: repeats of one are the same case. */
export async function readColumns(
  { blobs }: Pick<Ports, "blobs">,
  run: RunCases,
  turn = new Turn(),
): Promise<CaseColumns> {
  const total = run.tasks.reduce((sum, { directory }) => sum + directory.counts.total, 0);
  const columns = new CaseColumns(total);
  for (const task of run.tasks) {
    for await (const group of readGroups(await columnFile(blobs, run.id, task))) {
      columns.add(task.index, group);
      if (turn.isOver) await turn.pass();
    }
  }
  return columns;
}

/** The stored one, or, of a run from before there were any, one that is made of its summaries. */
async function columnFile(
  blobs: Ports["blobs"],
  runId: RunId,
  task: TaskCases,
): Promise<AsyncIterable<Uint8Array>> {
  try {
    return await blobs.stream(blobKey.cases(runId, task.index, "columns"));
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    return columnsOfSummaries(blobs, runId, task);
  }
}

async function* columnsOfSummaries(
  blobs: Ports["blobs"],
  runId: RunId,
  { index, directory: { bytes } }: TaskCases,
): AsyncGenerator<Uint8Array> {
  const writer = new ColumnWriter();
  const key = blobKey.cases(runId, index, "summary.jsonl");
  let offset = 0;
  const range = { start: 0, end: bytes, expected: bytes };
  for await (const { case: stored, next } of scanSummaries(blobs, key, range)) {
    const group = writer.add(stored, next - offset);
    offset = next;
    if (group !== undefined) yield group;
  }
  const last = writer.end();
  if (last !== undefined) yield last;
}

export interface ExampleRuns {
  readonly first: { readonly id: RunId; readonly columns: CaseColumns };
  readonly other: { readonly id: RunId; readonly columns: CaseColumns };
}

/** By a small request for each run's summary of each. */
export async function readExamples(
  { blobs }: Pick<Ports, "blobs">,
  runs: ExampleRuns,
  pairs: readonly Partial<Pair>[],
): Promise<CaseExample[]> {
  const read = async (
    { id, columns }: ExampleRuns["first"],
    position: number | undefined,
  ): Promise<(StoredCase & Pick<CasePlace, "task">) | undefined> => {
    if (position === undefined) return undefined;
    const { task, offset, length } = columns.placeAt(position);
    const key = blobKey.cases(id, task, "summary.jsonl");
    const stream = await blobs.stream(key, { start: offset, end: offset + length });
    return { task, ...parseStored(await collect(stream, length)) };
  };
  const examples = await Promise.all(
    pairs.map(async (pair): Promise<CaseExample[]> => {
      const [first, other] = await Promise.all([read(runs.first, pair.first), read(runs.other, pair.other)]);
      const known = first ?? other;
      if (known === undefined) return [];
      const { task, id, epoch, input, target } = known;
      const texts = { input, target, first: first?.output, other: other?.output };
      return [{ task, id, epoch, ...present(texts) }];
    }),
  );
  return examples.flat();
}

function present(texts: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

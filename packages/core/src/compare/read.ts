/** Reads what a comparison is made of: all of a run's summaries once, and a few of them again as examples. */
import { collect } from "../bundle/byte-source.ts";
import { caseHash } from "../case/id-index.ts";
import type { RunCases } from "../case/list.ts";
import { parseStored, scanSummaries } from "../case/scan.ts";
import type { StoredCase } from "../case/stored.ts";
import type { Ports } from "../ports.ts";
import type { CaseExample } from "../wire/comparison.ts";
import type { RunId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { CaseColumns, type CasePlace } from "./column.ts";
import type { Pair } from "./pair.ts";

/** Examples of each kind. */
const maxExamples = 10;

/** All of a run's cases, paired by task and id: repeats of one are the same case. */
export async function readColumns({ blobs }: Pick<Ports, "blobs">, run: RunCases): Promise<CaseColumns> {
  const columns = new CaseColumns();
  for (const { index: task, directory } of run.tasks) {
    const range = { start: 0, end: directory.bytes, expected: directory.bytes };
    let offset = 0;
    for await (const { case: stored, next } of scanSummaries(
      blobs,
      blobKey.cases(run.id, task, "summary.jsonl"),
      range,
    )) {
      columns.add(`${task} ${caseHash(stored.id, 1)}`, stored, { task, offset, length: next - offset });
      offset = next;
    }
  }
  return columns;
}

export interface ExampleRuns {
  readonly first: { readonly id: RunId; readonly columns: CaseColumns };
  readonly other: { readonly id: RunId; readonly columns: CaseColumns };
}

/** The first of them, by a small request for each run's summary. */
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
    pairs.slice(0, maxExamples).map(async (pair): Promise<CaseExample[]> => {
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

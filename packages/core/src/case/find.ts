/** One case of a run, whole. */
import { blobSource, collect } from "../bundle/byte-source.ts";
import type { Ports } from "../ports.ts";
import { type CaseDetail, type CaseReference, caseDetailSchema } from "../wire/case.ts";
import type { RunId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { lookUp } from "./id-index.ts";
import { parseLine } from "./parse-line.ts";
import { parseStored } from "./scan.ts";

/** What is shown of what we stored; the line itself is as it is. */
const shownSchema = caseDetailSchema.omit({ result: true });

/**
 * Three range requests, however many cases there are: its id's place in the index, its summary, its line.
 * @returns undefined when the task has no such case
 */
export async function findCase(
  { blobs }: Pick<Ports, "blobs">,
  runId: RunId,
  { task, id, epoch }: CaseReference,
): Promise<CaseDetail | undefined> {
  const read = async (key: string, start: number, length: number): Promise<Uint8Array> =>
    collect(await blobs.stream(key, { start, end: start + length }), length);
  const place = await lookUp(await blobSource(blobs, blobKey.cases(runId, task, "ids")), id, epoch);
  if (place === undefined) return undefined;
  const stored = parseStored(
    await read(blobKey.cases(runId, task, "summary.jsonl"), place.offset, place.length),
  );
  const parsed = parseLine(await read(blobKey.results(runId, task), ...stored.at));
  if (typeof parsed === "string")
    throw new Error(`line ${stored.line} of task ${task} of ${runId} ${parsed}`);
  return { ...shownSchema.parse({ ...stored, task }), result: parsed.line };
}

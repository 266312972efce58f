/** The logs that stage-out stored when a job's programs had ended: whole, stdout and stderr apart, without times. */
import type { Blobs, LogLine, LoggedJob } from "@benchgen/core/ports.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";

/** Read at one time; a line that is longer is cut. */
const chunkBytes = 512 * 1024;
const newline = 0x0a;

/** Whether the job has reported, which is the last thing it does: its logs are stored. */
export async function isStored(blobs: Pick<Blobs, "head">, job: LoggedJob): Promise<boolean> {
  const { runId, taskIndex, kind } = job;
  return (await blobs.head(blobKey.jobFile(runId, taskIndex, kind, "outcome.json"))) !== undefined;
}

/**
 * The next lines: those of stdout, then those of stderr. Each has the time its log was stored.
 * @param offset in bytes, of both logs one after the other
 * @returns the lines, and the offset after them
 */
export async function readStored(
  blobs: Pick<Blobs, "head" | "stream">,
  { runId, taskIndex, kind }: LoggedJob,
  offset: number,
  count: number,
): Promise<{ lines: LogLine[]; offset: number }> {
  const lines: LogLine[] = [];
  let begin = 0;
  let at = offset;
  for (const stream of ["stdout", "stderr"] as const) {
    const key = blobKey.jobFile(runId, taskIndex, kind, `${stream}.log`);
    const head = await blobs.head(key);
    const end = begin + (head?.size ?? 0);
    if (head !== undefined && at < end && lines.length < count) {
      const start = at - begin;
      const last = Math.min(start + chunkBytes, head.size);
      const bytes = Buffer.concat(await Array.fromAsync(await blobs.stream(key, { start, end: last })));
      const cut = cutLines(bytes, count - lines.length, last === head.size);
      const time = Date.parse(head.modifiedAt);
      lines.push(...cut.texts.map((text) => ({ at: time, stream, text })));
      at += cut.length;
      // The rest of this log comes before the next.
      if (at < end) break;
    }
    begin = end;
  }
  return { lines, offset: at };
}

/**
 * The first lines in the bytes of a log, and how many bytes they take. Pure.
 * @param whole whether the log ends with these bytes; otherwise a line without an end waits for more of them
 */
export function cutLines(bytes: Buffer, count: number, whole: boolean): { texts: string[]; length: number } {
  const texts: string[] = [];
  let length = 0;
  while (texts.length < count && length < bytes.length) {
    const found = bytes.indexOf(newline, length);
    if (found === -1 && !whole && length > 0) break;
    const end = found === -1 ? bytes.length : found;
    texts.push(bytes.toString("utf8", length, end).replace(/\r$/, ""));
    length = end + (found === -1 ? 0 : 1);
  }
  return { texts, length };
}

import { open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { InvalidInput } from "@benchgen/core/error.ts";
import { logBounds, pageLimit } from "@benchgen/core/port/range.ts";
import type { LogLine, Logs } from "@benchgen/core/ports.ts";
import { isId } from "@benchgen/core/wire/id.ts";
import type { JobId, RunId } from "@benchgen/core/wire/id.ts";
import { createLogSink } from "./log-sink.ts";
import type { LogSink } from "./log-sink.ts";

/** Read at one time; longer than any line a sink writes. */
const chunkBytes = 1024 * 1024;
/** Read of the end of a log: longer than any line. */
const tailBytes = 256 * 1024;
const newline = 0x0a;

export interface LogStore extends Logs {
  /** Where a job's output goes; a job that is launched again goes on in the same log. */
  sink(job: { runId: RunId; jobId: JobId }): LogSink;
  /** How many logs of a run there are, and how large they are together. */
  size(runId: RunId): Promise<{ files: number; bytes: number }>;
  /** Deletes all logs of a run. */
  remove(runId: RunId): Promise<void>;
}

/** Logs as files, one JSON object a line, readable from any process while they grow. Cursors are byte offsets. */
export function createLogStore(dir: string): LogStore {
  const directoryOf = (runId: RunId): string => {
    if (!isId("run", runId))
      throw new InvalidInput("log_invalid", `There is no log of run "${String(runId)}".`);
    return join(dir, runId);
  };
  const pathOf = ({ runId, jobId }: { runId: RunId; jobId: JobId }): string => {
    if (!isId("run", runId) || !isId("job", jobId)) {
      throw new InvalidInput("log_invalid", `There is no log of job "${jobId}" in run "${runId}".`);
    }
    return join(directoryOf(runId), `${jobId}.jsonl`);
  };

  return {
    sink: (job) => createLogSink(pathOf(job)),

    async size(runId) {
      const names = await readdir(directoryOf(runId)).catch(ignoreMissing);
      const sizes = await Promise.all((names ?? []).map((name) => sizeOf(join(directoryOf(runId), name))));
      return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
    },

    async remove(runId) {
      await rm(directoryOf(runId), { recursive: true, force: true });
    },

    async read(job, { cursor = "0", limit } = {}) {
      const count = pageLimit(limit, logBounds);
      const offset = offsetOf(cursor);
      // One byte more in front: a cursor stands behind the end of a line.
      const bytes = await readBytes(pathOf(job), Math.max(0, offset - 1), chunkBytes + 1);
      if (bytes === undefined) {
        if (offset > 0) throw invalidCursor();
        return { lines: [], cursor };
      }
      if (offset > 0 && bytes[0] !== newline) throw invalidCursor();
      const { lines, length } = completeLines(offset === 0 ? bytes : bytes.subarray(1), count);
      return { lines, cursor: String(offset + length) };
    },

    async tail(job, { limit }) {
      const count = pageLimit(limit);
      const path = pathOf(job);
      const size = await sizeOf(path);
      const start = Math.max(0, size - tailBytes);
      const bytes = await readBytes(path, start, size - start);
      if (bytes === undefined) return [];
      // The first line is whole only where the file begins with it.
      const whole = start === 0 ? bytes : bytes.subarray(bytes.indexOf(newline) + 1);
      return completeLines(whole, Number.POSITIVE_INFINITY).lines.slice(-count);
    },
  };
}

/** The first lines that end within the bytes, and how many bytes they take. */
function completeLines(bytes: Buffer, limit: number): { lines: LogLine[]; length: number } {
  const lines: LogLine[] = [];
  let length = 0;
  while (lines.length < limit) {
    const end = bytes.indexOf(newline, length);
    if (end === -1) break;
    const line = lineOf(bytes.toString("utf8", length, end));
    if (line !== undefined) lines.push(line);
    length = end + 1;
  }
  return { lines, length };
}

/** Undefined for a line that a killed process left unfinished. */
function lineOf(text: string): LogLine | undefined {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return undefined;
  }
}

async function readBytes(path: string, start: number, length: number): Promise<Buffer | undefined> {
  try {
    const file = await open(path);
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(ignoreMissing))?.size ?? 0;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}

function offsetOf(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw invalidCursor();
  return Number(cursor);
}

function invalidCursor(): InvalidInput {
  return new InvalidInput("cursor_invalid", "The cursor is not one from an earlier read of this log.", {
    hint: "Leave the cursor out to begin at the first line.",
  });
}

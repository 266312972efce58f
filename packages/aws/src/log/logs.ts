import type { CursorCodec } from "@benchgen/core/port/cursor.ts";
import { logBounds, logPageBytes, pageLimit } from "@benchgen/core/port/range.ts";
import type { Blobs, LogLine, LoggedJob, Logs } from "@benchgen/core/ports.ts";
import { type AttemptPositions, decodePositions, encodePositions } from "./attempt-position.ts";
import { firstLines, mergedLines, positionAfter } from "./position.ts";
import type { FindAttempts, LogAttempt } from "./source.ts";
import { isStored, readStored } from "./stored.ts";
import { type StreamOptions, readStream, readTail } from "./stream.ts";

export interface LogsOptions extends StreamOptions {
  readonly cursors: CursorCodec;
  readonly blobs: Pick<Blobs, "head" | "stream">;
  readonly attempts: FindAttempts;
}

/** First in a cursor whose reader reads the stored log. */
const storedMark = "stored";

/**
 * Logs of ECS tasks: from CloudWatch while the job runs, from the blobs that stage-out stored once it has reported.
 *
 * Whoever has read a line from CloudWatch stays there, so that no line comes twice: the two are not the same lines, for
 * CloudWatch has the time of each and does not tell stdout from stderr. What a reader of CloudWatch may miss is what
 * the log driver dropped because a program printed faster than it could send, and, when the log group keeps less than
 * the reader waits, everything since. A job that ended without reporting is found for about an hour, by ECS's memory.
 *
 * A live cursor is a position in each stream: CloudWatch's own tokens expire after a day, and cover whole pages of one.
 */
export function createLogs(options: LogsOptions): Logs {
  const { cursors, blobs } = options;
  return {
    async read(job, { cursor, limit } = {}) {
      const count = pageLimit(limit, logBounds);
      const scope = JSON.stringify(["logs", job.runId, job.jobId]);
      const [mark, ...rest] = cursor === undefined ? [] : cursors.decode(scope, cursor);
      if (mark === storedMark || (mark === undefined && (await isStored(blobs, job)))) {
        const read = await readStored(blobs, job, Number(rest[0] ?? 0), count);
        return { lines: read.lines, cursor: cursors.encode(scope, [storedMark, String(read.offset)]) };
      }
      const before = decodePositions(mark === undefined ? [] : [mark, ...rest]);
      const { lines, positions } = await readLive(options, job, before, count);
      return { lines, cursor: cursors.encode(scope, encodePositions(positions)) };
    },

    async tail(job, { limit }) {
      const count = pageLimit(limit);
      const sources = (await options.attempts(job, [])).flatMap((attempt) => attempt.sources);
      const found = await Promise.all(sources.map((source) => readTail(options, source, count)));
      return mergedLines(found)
        .slice(-count)
        .map(({ line }) => line);
    },
  };
}

/** The next lines of all streams of all attempts, by time. */
async function readLive(
  options: LogsOptions,
  job: LoggedJob,
  before: AttemptPositions,
  count: number,
): Promise<{ lines: LogLine[]; positions: AttemptPositions }> {
  const attempts = await options.attempts(job, [...before.keys()]);
  const streams = attempts.flatMap(({ id, sources }) =>
    sources.map((source, index) => ({ source, position: before.get(id)?.[index] ?? ([0, 0] as const) })),
  );
  const found = await Promise.all(
    streams.map(({ source, position }) => readStream(options, source, position, count)),
  );
  const merged = firstLines(mergedLines(found), count, logPageBytes);
  const after = streams.map(({ position }, index) =>
    positionAfter(
      position,
      merged.filter((line) => line.source === index),
    ),
  );
  return { lines: merged.map(({ line }) => line), positions: byAttempt(attempts, after) };
}

function byAttempt(
  attempts: readonly LogAttempt[],
  positions: readonly (readonly [number, number])[],
): AttemptPositions {
  let next = 0;
  return new Map(
    attempts.map(({ id, sources }) => [id, positions.slice(next, (next += sources.length))] as const),
  );
}

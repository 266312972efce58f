import { GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { CloudWatchLogsClient, OutputLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import type { CursorCodec } from "@benchgen/core/port/cursor.ts";
import { logBounds, pageLimit } from "@benchgen/core/port/range.ts";
import type { LogLine, Logs } from "@benchgen/core/ports.ts";
import type { JobId, RunId } from "@benchgen/core/wire/id.ts";
import { calling, isError } from "../fault.ts";
import { mergedLines, positionAfter } from "./position.ts";
import type { Position } from "./position.ts";

const service = "CloudWatch Logs";

/** Where one container of a job writes. */
export interface LogSource {
  /** Name of the log stream. */
  readonly name: string;
  /** What its lines are: the log driver does not tell a program's stdout from its stderr. */
  readonly stream: LogLine["stream"];
}

export interface LogsOptions {
  readonly client: CloudWatchLogsClient;
  readonly logGroup: string;
  readonly cursors: CursorCodec;
  /** The streams of a job's containers, always in the same order; none before its task is known. */
  readonly sources: (job: { runId: RunId; jobId: JobId }) => Promise<readonly LogSource[]>;
}

/**
 * Logs of ECS tasks. A cursor is a position in each stream: CloudWatch's own tokens expire after a day, and cover whole
 * pages of one stream.
 */
export function createLogs(options: LogsOptions): Logs {
  return {
    async read(job, { cursor, limit } = {}) {
      const count = pageLimit(limit, logBounds);
      const scope = JSON.stringify(["logs", job.runId, job.jobId]);
      const positions =
        cursor === undefined
          ? []
          : options.cursors.decode(scope, cursor).map((text) => JSON.parse(text) as Position);
      const sources = await options.sources(job);
      const lines = await Promise.all(
        sources.map((source, index) => readStream(options, source, positions[index] ?? [0, 0], count)),
      );
      const merged = mergedLines(lines).slice(0, count);
      const next = sources.map((_, index) => {
        return positionAfter(
          positions[index] ?? [0, 0],
          merged.filter((line) => line.source === index),
        );
      });
      return {
        lines: merged.map(({ line }) => line),
        cursor: options.cursors.encode(
          scope,
          (next.length > 0 ? next : positions).map((position) => JSON.stringify(position)),
        ),
      };
    },
  };
}

/** The next lines of one stream, at most `count`; none of a stream that is not there yet. */
async function readStream(
  { client, logGroup }: LogsOptions,
  source: LogSource,
  [from, seen]: Position,
  count: number,
): Promise<LogLine[]> {
  const events: OutputLogEvent[] = [];
  let nextToken: string | undefined;
  try {
    // Pages may be empty before the end: only a token that stays the same says that it is reached.
    for (;;) {
      const request = new GetLogEventsCommand({
        logGroupName: logGroup,
        logStreamName: source.name,
        startTime: from,
        startFromHead: true,
        limit: Math.min(seen + count, logBounds.most),
        nextToken,
      });
      const page = await calling(service, () => client.send(request));
      events.push(...(page.events ?? []));
      if (page.nextForwardToken === nextToken || events.length >= seen + count) break;
      nextToken = page.nextForwardToken;
    }
  } catch (error) {
    if (error instanceof Error && isError(error.cause, "ResourceNotFoundException")) return [];
    throw error;
  }
  // What was read before has the position's own time, and comes first.
  return events.slice(seen, seen + count).map((event) => lineOf(source, event));
}

function lineOf({ stream }: LogSource, { timestamp = 0, message = "" }: OutputLogEvent): LogLine {
  return { at: timestamp, stream, text: message.replace(/\r?\n?$/, "") };
}

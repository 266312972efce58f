import { GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { CloudWatchLogsClient, OutputLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import { logBounds, logPageBytes } from "@benchgen/core/port/range.ts";
import type { LogLine } from "@benchgen/core/ports.ts";
import { calling, isError } from "../fault.ts";
import type { Position } from "./position.ts";
import type { LogSource } from "./source.ts";

const service = "CloudWatch Logs";

export interface StreamOptions {
  readonly client: CloudWatchLogsClient;
  readonly logGroup: string;
}

/** The next lines of one stream, at most `count`, fewer where they fill a page; none of a stream that is not there yet. */
export async function readStream(
  { client, logGroup }: StreamOptions,
  source: LogSource,
  [from, seen]: Position,
  count: number,
): Promise<LogLine[]> {
  const events: OutputLogEvent[] = [];
  let nextToken: string | undefined;
  return noneWhereMissing(async () => {
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
      if (bytesOf(events.slice(seen)) >= logPageBytes) break;
      nextToken = page.nextForwardToken;
    }
    // What was read before has the position's own time, and comes first.
    return events.slice(seen, seen + count).map((event) => lineOf(source, event));
  });
}

/** The newest lines of one stream, at most `count`, in one request; none of a stream that is not there yet. */
export async function readTail(
  { client, logGroup }: StreamOptions,
  source: LogSource,
  count: number,
): Promise<LogLine[]> {
  const request = new GetLogEventsCommand({
    logGroupName: logGroup,
    logStreamName: source.name,
    startFromHead: false,
    limit: count,
  });
  return noneWhereMissing(async () => {
    const { events = [] } = await calling(service, () => client.send(request));
    return events.map((event) => lineOf(source, event));
  });
}

/** A container's stream comes with its first line. */
async function noneWhereMissing(read: () => Promise<LogLine[]>): Promise<LogLine[]> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Error && isError(error.cause, "ResourceNotFoundException")) return [];
    throw error;
  }
}

function bytesOf(events: readonly OutputLogEvent[]): number {
  return events.reduce((sum, { message = "" }) => sum + Buffer.byteLength(message), 0);
}

function lineOf({ stream }: LogSource, { timestamp = 0, message = "" }: OutputLogEvent): LogLine {
  return { at: timestamp, stream, text: message.replace(/\r?\n?$/, "") };
}

import { GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { LogLine } from "@benchgen/core/ports.ts";
import { calling, isError } from "../fault.ts";

/** The newest lines of one stream, at most `count`, in one request; none of a stream that is not there yet. */
export async function readTail(
  { client, logGroup }: { readonly client: CloudWatchLogsClient; readonly logGroup: string },
  { name, stream }: { readonly name: string; readonly stream: LogLine["stream"] },
  count: number,
): Promise<LogLine[]> {
  const request = new GetLogEventsCommand({
    logGroupName: logGroup,
    logStreamName: name,
    startFromHead: false,
    limit: count,
  });
  try {
    const { events = [] } = await calling("CloudWatch Logs", () => client.send(request));
    return events.map(({ timestamp = 0, message = "" }) => {
      return { at: timestamp, stream, text: message.replace(/\r?\n?$/, "") };
    });
  } catch (error) {
    if (error instanceof Error && isError(error.cause, "ResourceNotFoundException")) return [];
    throw error;
  }
}

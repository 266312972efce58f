import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { LogSource } from "@benchgen/aws/log/source.ts";
import type { LogLine } from "@benchgen/core/ports.ts";
import type { JobId } from "@benchgen/core/wire/id.ts";

const eventsPerRequest = 1000;

/** The streams a job writes to in tests, one for each kind of line. */
export function testSources(jobId: JobId): LogSource[] {
  return (["stdout", "stderr", "system"] as const).map((stream) => ({ name: `${jobId}/${stream}`, stream }));
}

/** What a task's log driver does: each line one event. Empty lines keep their end, as CloudWatch takes none without text. */
export async function writeTestLog(
  client: CloudWatchLogsClient,
  logGroupName: string,
  jobId: JobId,
  lines: readonly LogLine[],
): Promise<void> {
  await client.send(new CreateLogGroupCommand({ logGroupName })).catch(unlessThere);
  for (const { name: logStreamName, stream } of testSources(jobId)) {
    const events = lines
      .filter((line) => line.stream === stream)
      .map(({ at, text }) => ({ timestamp: at, message: text || "\n" }));
    if (events.length === 0) continue;
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName })).catch(unlessThere);
    for (let start = 0; start < events.length; start += eventsPerRequest) {
      const logEvents = events.slice(start, start + eventsPerRequest);
      await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
    }
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error) || error.name !== "ResourceAlreadyExistsException") throw error;
}

/** Fargate's log driver: what containers print becomes events of a stream each. */
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";

const flushMs = 200;

export interface LogDriver {
  /** Text a container has printed, cut anywhere. */
  write(taskId: string, container: string, text: string): void;
  /** Bytes taken so far, with what CloudWatch counts for each event. */
  readonly bytes: () => number;
  close(): Promise<void>;
}

/** CloudWatch charges 26 bytes for each event beside its text. */
const eventBytes = 26;

export async function startLogDriver(client: CloudWatchLogsClient, logGroupName: string): Promise<LogDriver> {
  await client.send(new CreateLogGroupCommand({ logGroupName })).catch(ignoreExisting);
  const open = new Map<
    string,
    { rest: string; lines: { timestamp: number; message: string }[]; made: boolean }
  >();
  let bytes = 0;
  const flush = async (): Promise<void> => {
    for (const [logStreamName, stream] of open) {
      const logEvents = stream.lines.splice(0);
      if (logEvents.length === 0) continue;
      if (!stream.made) {
        await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName })).catch(ignoreExisting);
      }
      stream.made = true;
      await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
    }
  };
  let flushing = Promise.resolve();
  const timer = setInterval(() => {
    flushing = flushing.then(flush);
  }, flushMs);
  return {
    write(taskId, container, text) {
      const name = `job/${container}/${taskId}`;
      const stream = open.get(name) ?? { rest: "", lines: [], made: false };
      open.set(name, stream);
      const lines = (stream.rest + text).split("\n");
      stream.rest = lines.pop() ?? "";
      for (const line of lines) {
        bytes += Buffer.byteLength(line) + eventBytes;
        // CloudWatch takes no event without text.
        stream.lines.push({ timestamp: Date.now(), message: line === "" ? " " : line });
      }
    },
    bytes: () => bytes,
    async close() {
      clearInterval(timer);
      await flushing;
      await flush();
    },
  };
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error) || error.name !== "ResourceAlreadyExistsException") throw error;
}

/** Fargate's log driver: what containers print becomes events of a stream each, of which subscriptions pass on some. */
import { gzipSync } from "node:zlib";
import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { DeploymentDescription } from "./description.ts";

const flushMs = 200;

interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
}

export interface LogDriver {
  /** Text a container has printed, cut anywhere. */
  write(taskId: string, container: string, text: string): void;
  /** Bytes taken so far, with what CloudWatch counts for each event. */
  readonly bytes: () => number;
  /** Whether all of it was written. */
  readonly isIdle: () => boolean;
  close(): Promise<void>;
}

/** CloudWatch charges 26 bytes for each event beside its text. */
const eventBytes = 26;

/** @param send invokes a function that a subscription names */
export async function startLogDriver(
  client: CloudWatchLogsClient,
  { logGroup: logGroupName, subscriptions, accountId }: DeploymentDescription,
  send: (functionArn: string, event: object) => void,
): Promise<LogDriver> {
  await client.send(new CreateLogGroupCommand({ logGroupName })).catch(ignoreExisting);
  const open = new Map<string, { rest: string; lines: LogEvent[]; made: boolean }>();
  let bytes = 0;
  let writing = 0;
  /** Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html */
  const passOn = (logStream: string, written: readonly LogEvent[]): void => {
    for (const { name, logGroup, pattern, functionArn } of subscriptions) {
      const expression = new RegExp(/^%(.+)%$/s.exec(pattern)?.[1] ?? neverPattern(pattern));
      const logEvents = written.filter(({ message }) => expression.test(message));
      if (logGroup !== logGroupName || logEvents.length === 0) continue;
      const data = {
        messageType: "DATA_MESSAGE",
        owner: accountId,
        logGroup,
        logStream,
        subscriptionFilters: [name],
        logEvents: logEvents.map((event, id) => ({ id: String(id), ...event })),
      };
      send(functionArn, { awslogs: { data: gzipSync(JSON.stringify(data)).toString("base64") } });
    }
  };
  const flush = async (): Promise<void> => {
    for (const [logStreamName, stream] of open) {
      const logEvents = stream.lines.splice(0);
      if (logEvents.length === 0) continue;
      if (!stream.made) {
        await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName })).catch(ignoreExisting);
      }
      stream.made = true;
      await client.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
      passOn(logStreamName, logEvents);
    }
  };
  let flushing = Promise.resolve();
  const timer = setInterval(() => {
    writing++;
    flushing = flushing.then(flush).finally(() => writing--);
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
    isIdle: () => writing === 0 && [...open.values()].every(({ lines }) => lines.length === 0),
    async close() {
      clearInterval(timer);
      await flushing;
      await flush();
    },
  };
}

function neverPattern(pattern: string): never {
  throw new Error(`the filter ${pattern} is of a kind that is new here`);
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error) || error.name !== "ResourceAlreadyExistsException") throw error;
}

import { CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { eventOf } from "@benchgen/aws/bus/entry.ts";
import { eventSource } from "@benchgen/core/wire/event.ts";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";

/** An event bus whose rule puts all of our events into a log group. @returns what has arrived there so far */
export async function createTestBus(
  events: EventBridgeClient,
  logs: CloudWatchLogsClient,
  busName: string,
): Promise<() => Promise<BenchgenEvent[]>> {
  const logGroupName = `/aws/events/${busName}`;
  const rule = { EventBusName: busName, Name: "all" };
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  await events.send(new CreateEventBusCommand({ Name: busName }));
  await events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: [eventSource] }) }));
  const Arn = `arn:aws:logs:us-east-1:123456789012:log-group:${logGroupName}`;
  await events.send(
    new PutTargetsCommand({ EventBusName: busName, Rule: "all", Targets: [{ Id: "log", Arn }] }),
  );
  return async () => {
    const { events: found = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
    return found.map(({ message = "" }) => eventOf(JSON.parse(message)));
  };
}

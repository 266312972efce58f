/** A rule and a log group of its own, for as long as the checks run: what a deployment's bus tells. */
import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteResourcePolicyCommand,
  FilterLogEventsCommand,
  PutResourcePolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import {
  DeleteRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { eventOf } from "@benchgen/aws/bus/entry.ts";
import { eventSource } from "@benchgen/core/wire/event.ts";

export interface Listener {
  events(): Promise<{ type: string; id: string }[]>;
  close(): Promise<void>;
}

export async function listen(
  clients: { readonly events: EventBridgeClient; readonly logs: CloudWatchLogsClient },
  { busName, mark }: { readonly busName: string; readonly mark: string },
): Promise<Listener> {
  const { events, logs } = clients;
  const logGroupName = `/aws/events/${mark}`;
  const rule = { EventBusName: busName, Name: mark };
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  const policyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: ["events.amazonaws.com", "delivery.logs.amazonaws.com"] },
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `arn:aws:logs:*:*:log-group:${logGroupName}:*`,
      },
    ],
  });
  await logs.send(new PutResourcePolicyCommand({ policyName: mark, policyDocument }));
  const pattern = { source: [eventSource] };
  const { RuleArn = "" } = await events.send(
    new PutRuleCommand({ ...rule, EventPattern: JSON.stringify(pattern) }),
  );
  const [, , , region, account] = RuleArn.split(":");
  const Arn = `arn:aws:logs:${region}:${account}:log-group:${logGroupName}`;
  await events.send(
    new PutTargetsCommand({ EventBusName: busName, Rule: mark, Targets: [{ Id: "log", Arn }] }),
  );
  return {
    async events() {
      const { events: found = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
      return found.map(({ message = "" }) => eventOf(JSON.parse(message)));
    },
    async close() {
      await events.send(new RemoveTargetsCommand({ EventBusName: busName, Rule: mark, Ids: ["log"] }));
      await events.send(new DeleteRuleCommand(rule));
      await logs.send(new DeleteLogGroupCommand({ logGroupName }));
      await logs.send(new DeleteResourcePolicyCommand({ policyName: mark }));
    },
  };
}

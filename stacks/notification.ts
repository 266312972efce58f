/** Finished runs, told to a webhook or to Slack. Off until `notify` is set; docs/events.md shows what is sent. */
import { SecretValue } from "aws-cdk-lib";
import {
  ApiDestination,
  Authorization,
  Connection,
  EventField,
  RuleTargetInput,
} from "aws-cdk-lib/aws-events";
import { ApiDestination as ToApiDestination } from "aws-cdk-lib/aws-events-targets";
import { type EventType, eventSource } from "@benchgen/core/wire/event.ts";
import { type StackContext, use } from "sst/constructs";
import { Events } from "./event.ts";
import { explainFramework } from "./framework.ts";
import { maxEventAge, retryAttempts } from "./function.ts";
import { namesOf } from "./name.ts";
import { route } from "./rule.ts";
import { type Settings, settingsOf } from "./setting.ts";

const finished: EventType = "Run Finished";
type Notify = NonNullable<Settings["notify"]>;

export function Notifications({ stack }: StackContext) {
  const { notify } = settingsOf(stack);
  const { bus, deadLetters } = use(Events);
  explainFramework(stack);
  if (notify === undefined) return;

  const names = namesOf(stack.stage);
  const connection = new Connection(stack, "connection", {
    connectionName: names.prefix,
    description: "Who is told of finished runs",
    authorization: Authorization.apiKey("Authorization", bearer(notify.secretName)),
  });
  const destination = new ApiDestination(stack, "destination", {
    apiDestinationName: names.prefix,
    connection,
    endpoint: notify.kind === "slack" ? "https://slack.com/api/chat.postMessage" : notify.url,
    rateLimitPerSecond: 1,
  });
  route(stack, "notify", {
    description: "A run has finished",
    on: { eventPattern: { source: [eventSource], detailType: [finished] }, eventBus: bus },
    target: new ToApiDestination(destination, { ...message(notify), maxEventAge, retryAttempts }),
    deadLetters,
  });
}

/** CloudFormation puts the secret in when it makes the connection; the template holds its name alone. */
function bearer(secretName: string): SecretValue {
  return SecretValue.unsafePlainText(`Bearer ${SecretValue.secretsManager(secretName).unsafeUnwrap()}`);
}

/** A webhook gets the event whole. Slack gets a line, as plain text: names come from participants. */
function message(notify: Notify): { event?: RuleTargetInput } {
  if (notify.kind === "webhook") return {};
  const field = (path: string) => EventField.fromPath(`$.detail.${path}`);
  const event = RuleTargetInput.fromObject({
    channel: notify.channel,
    mrkdwn: false,
    parse: "none",
    text: `${field("run.name")} of ${field("run.participant")} on ${field("environment.name")}: ${field("status")}`,
  });
  return { event };
}

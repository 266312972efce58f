/** The bus other systems listen on, and where events end that nobody could handle. */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { EventBus } from "aws-cdk-lib/aws-events";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { NagSuppressions } from "cdk-nag";
import type { StackContext } from "sst/constructs";
import { explainFramework } from "./framework.ts";
import { namesOf } from "./name.ts";

export function Events({ stack }: StackContext) {
  const names = namesOf(stack.stage);
  explainFramework(stack);
  // No archive: what an event tells is in the table, and the sweep publishes again what was lost.
  const bus = new EventBus(stack, "bus", { eventBusName: names.bus });

  const deadLetters = new Queue(stack, "dead-letters", {
    queueName: `${names.prefix}-dead-letters`,
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  deadLetters.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal("events.amazonaws.com")],
      actions: ["sqs:SendMessage"],
      resources: [deadLetters.queueArn],
      // By name: the rules are in later stacks, which already need this one.
      conditions: {
        ArnLike: {
          "aws:SourceArn": [
            names.ruleArn(`${names.prefix}-*`),
            names.ruleArn(`${names.bus}/${names.prefix}-*`),
          ],
        },
      },
    }),
  );
  NagSuppressions.addResourceSuppressions(deadLetters, [
    { id: "AwsSolutions-SQS3", reason: "It is the dead-letter queue." },
  ]);
  return { bus, deadLetters };
}

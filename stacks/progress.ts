/** What programs print of their progress becomes events: the lines that say it are passed on to a function. */
import { FilterPattern, SubscriptionFilter } from "aws-cdk-lib/aws-logs";
import { LambdaDestination } from "aws-cdk-lib/aws-logs-destinations";
import { type Stack, use } from "sst/constructs";
import { Events } from "./event.ts";
import { pipelineFunction } from "./function.ts";
import * as grant from "./grant.ts";
import { namesOf } from "./name.ts";
import { Runner } from "./runner.ts";
import { Storage } from "./storage.ts";

/** `10/100 (` or `10 of 100 (`, where a percentage follows. */
const counted = String.raw`\d\s?/\s?\d+\s\x28|\d\s?of\s?\d+\s\x28`;
/** `Processing: 10/100` and `Progress: 10 of 100`, in any case. */
const named = String.raw`[Pp][Rr][Oo][CcGg][EeRr][SsEe][Ss][SsIi]?[Nn]?[Gg]?:?\s\d+\s?[/Oo]`;
/** The end of a bar of tqdm's: `| 10/100 [`. */
const bar = String.raw`\x7C\s?\d+/\d+\s\x5B`;

/**
 * Lets through every line that `packages/core/src/run/progress.ts` reads progress in, and few others: each that comes
 * through costs a part of a request. CloudWatch has no groups, no `(` and no `%` in its expressions.
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export const progressPattern = `%${[counted, named, bar].join("|")}%`;

/** CloudWatch sends what a container printed as it takes it from the log driver: every few seconds, however much it is. */
export function announceProgress(stack: Stack): void {
  const names = namesOf(stack.stage);
  const { table } = use(Storage);
  const { bus, deadLetters } = use(Events);
  const { cluster, logGroup } = use(Runner);
  const handler = pipelineFunction(stack, "progress", {
    description: "How far programs say they are",
    timeoutSeconds: 30,
    memoryMb: 256,
    environment: {
      BENCHGEN_TABLE: table.tableName,
      BENCHGEN_BUS: bus.eventBusName,
      BENCHGEN_CLUSTER: cluster.clusterArn,
      BENCHGEN_LOG_GROUP: logGroup.logGroupName,
    },
    grants: [
      {
        ...grant.tableGrant(table, "GetItem", "UpdateItem"),
        // What strangers print leads here: it sees what was told of a run, and what its calls came to.
        conditions: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["PROGRESS#*", "CALLS#*"] } },
      },
      grant.publishGrant(bus.eventBusArn),
      {
        actions: ["ecs:DescribeTasks"],
        resources: [names.taskArns],
        conditions: { ArnEquals: { "ecs:cluster": cluster.clusterArn } },
        why: "A line comes with the task that printed it, whose tags say which run it is. ECS names tasks itself.",
      },
    ],
    deadLetters,
  });
  new SubscriptionFilter(stack, "progress-lines", {
    logGroup,
    filterName: `${names.prefix}-progress`,
    filterPattern: FilterPattern.literal(progressPattern),
    destination: new LambdaDestination(handler),
  });
}

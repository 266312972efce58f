/** What makes good what broke, and tells a person. */
import { Duration } from "aws-cdk-lib";
import { Schedule } from "aws-cdk-lib/aws-events";
import { type Function, type Stack, type StackContext, use } from "sst/constructs";
import { alarms } from "./alarm.ts";
import { Events } from "./event.ts";
import { finishEnvironment, finishGrants } from "./finish.ts";
import { explainFramework } from "./framework.ts";
import { pipelineFunction } from "./function.ts";
import * as grant from "./grant.ts";
import { namesOf } from "./name.ts";
import { Pipeline } from "./pipeline.ts";
import { route, toFunction } from "./rule.ts";
import { settingsOf } from "./setting.ts";
import { Storage } from "./storage.ts";
import { warnOfCosts } from "./budget.ts";

export function Safety({ stack }: StackContext) {
  const { deadLetters } = use(Events);
  const { machine } = use(Pipeline);
  explainFramework(stack);

  route(stack, "failed-execution", {
    description: "A run's workflow could not end the run itself",
    on: {
      eventPattern: {
        source: ["aws.states"],
        detailType: ["Step Functions Execution Status Change"],
        detail: { stateMachineArn: [machine.stateMachineArn], status: ["FAILED", "TIMED_OUT", "ABORTED"] },
      },
    },
    target: toFunction(
      pipelineFunction(stack, "failed-execution", {
        description: "Ends a run whose workflow could not",
        timeoutSeconds: 300,
        memoryMb: 512,
        environment: finishEnvironment(stack),
        grants: finishGrants(stack),
        deadLetters,
      }),
    ),
    deadLetters,
  });

  const sweep = sweepFunction(stack);
  route(stack, "sweep", {
    description: "Every five minutes",
    on: { schedule: Schedule.rate(Duration.minutes(5)) },
    target: toFunction(sweep, sweepRetries),
    deadLetters,
  });

  const { unusedContentDays } = settingsOf(stack);
  if (unusedContentDays !== null) {
    route(stack, "prune", {
      description: "Once a week",
      on: { schedule: Schedule.rate(Duration.days(7)) },
      target: toFunction(pruneFunction(stack, unusedContentDays)),
      deadLetters,
    });
  }

  alarms(stack, { sweep });
  warnOfCosts(stack);
}

/** One that failed has said so by its alarm; the next begins within five minutes, and does the same. */
const sweepRetries = 0;

/** Does again what any other step may have left undone, and so may what they may. */
function sweepFunction(stack: Stack): Function {
  const names = namesOf(stack.stage);
  const { bucket } = use(Storage);
  return pipelineFunction(stack, "sweep", {
    description: "Makes good what was left half done",
    timeoutSeconds: 900,
    memoryMb: 1024,
    environment: finishEnvironment(stack),
    grants: [
      ...finishGrants(stack),
      // Runs whose workflow never started.
      ...grant.startGrants(names),
      grant.absenceGrant(bucket),
      // Uploads that nobody looked at.
      grant.objectGrant(bucket, ["uploads/", "checked/"], "GetObject", "DeleteObject"),
      grant.objectGrant(bucket, ["checked/", "blobs/"], "PutObject"),
      grant.objectGrant(bucket, ["uploads/", "blobs/"], "AbortMultipartUpload"),
    ],
    deadLetters: use(Events).deadLetters,
    retryAttempts: sweepRetries,
  });
}

function pruneFunction(stack: Stack, unusedContentDays: number): Function {
  const { table, bucket } = use(Storage);
  return pipelineFunction(stack, "prune", {
    description: "Deletes content that nothing names",
    timeoutSeconds: 900,
    // It holds a hash of 64 characters for each content that is named.
    memoryMb: 1024,
    environment: {
      BENCHGEN_TABLE: table.tableName,
      BENCHGEN_BUCKET: bucket.bucketName,
      BENCHGEN_UNUSED_CONTENT_DAYS: String(unusedContentDays),
    },
    grants: [
      // What names content, how far the last one came, and the marks of what is being deleted.
      grant.tableGrant(table, "Scan", "GetItem", "UpdateItem", "DeleteItem"),
      grant.objectGrant(bucket, ["blobs/"], "GetObject", "DeleteObject"),
      // It lists the content, too.
      grant.absenceGrant(bucket),
    ],
    deadLetters: use(Events).deadLetters,
  });
}

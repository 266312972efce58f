/** From an upload to a version, and from a run to its scores: the functions, and the workflow between them. */
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { type Function, type Stack, type StackContext, use } from "sst/constructs";
import { type EventType, eventSource } from "@benchgen/core/wire/event.ts";
import { uploadPrefix } from "@benchgen/core/wire/key.ts";
import { Api } from "./api.ts";
import { Events } from "./event.ts";
import { finishEnvironment, finishGrants } from "./finish.ts";
import { explainFramework } from "./framework.ts";
import { pipelineFunction } from "./function.ts";
import * as grant from "./grant.ts";
import { namesOf } from "./name.ts";
import { announceProgress } from "./progress.ts";
import { route, toFunction } from "./rule.ts";
import { Runner } from "./runner.ts";
import { settingsOf } from "./setting.ts";
import { Storage } from "./storage.ts";
import { type StepName, runWorkflow } from "./workflow.ts";

const validated: EventType = "Upload Validated";

export function Pipeline({ stack }: StackContext) {
  const { bucket } = use(Storage);
  const { bus, deadLetters } = use(Events);
  explainFramework(stack);

  route(stack, "validate", {
    description: "An upload has arrived",
    on: {
      eventPattern: {
        source: ["aws.s3"],
        detailType: ["Object Created"],
        detail: { bucket: { name: [bucket.bucketName] }, object: { key: [{ prefix: uploadPrefix }] } },
      },
    },
    target: toFunction(validateFunction(stack, deadLetters)),
    deadLetters,
  });
  route(stack, "publish", {
    description: "A bundle was found good",
    on: { eventPattern: { source: [eventSource], detailType: [validated] }, eventBus: bus },
    target: toFunction(publishFunction(stack, deadLetters)),
    deadLetters,
  });
  announceProgress(stack);
  return { machine: runWorkflow(stack, stepFunctions(stack)) };
}

function validateFunction(stack: Stack, deadLetters: IQueue): Function {
  const { table, bucket } = use(Storage);
  const { bus } = use(Events);
  return pipelineFunction(stack, "validate", {
    description: "Whether an upload is good",
    timeoutSeconds: 900,
    memoryMb: 1769,
    environment: {
      BENCHGEN_TABLE: table.tableName,
      BENCHGEN_BUCKET: bucket.bucketName,
      BENCHGEN_BUS: bus.eventBusName,
    },
    grants: [
      grant.tableGrant(table, "GetItem", "UpdateItem", "DeleteItem"),
      grant.objectGrant(bucket, ["uploads/", "checked/", "blobs/"], "GetObject"),
      // A submission is copied to where content lies; a bundle's check is kept until it is published.
      grant.objectGrant(bucket, ["checked/", "blobs/"], "PutObject", "AbortMultipartUpload"),
      grant.objectGrant(bucket, ["uploads/", "checked/"], "DeleteObject"),
      grant.objectGrant(bucket, ["uploads/"], "AbortMultipartUpload"),
      grant.absenceGrant(bucket),
      grant.publishGrant(bus.eventBusArn),
    ],
    deadLetters,
  });
}

function publishFunction(stack: Stack, deadLetters: IQueue): Function {
  const names = namesOf(stack.stage);
  const { table, bucket } = use(Storage);
  const { bus } = use(Events);
  return pipelineFunction(stack, "publish", {
    description: "Makes a good bundle a version of its environment",
    timeoutSeconds: 900,
    memoryMb: 1769,
    environment: {
      BENCHGEN_TABLE: table.tableName,
      BENCHGEN_BUCKET: bucket.bucketName,
      BENCHGEN_BUS: bus.eventBusName,
      BENCHGEN_STATE_MACHINE_ARN: names.stateMachineArn,
    },
    grants: [
      grant.tableGrant(table, "GetItem", "PutItem", "UpdateItem", "DeleteItem"),
      grant.objectGrant(bucket, ["uploads/", "checked/", "blobs/"], "GetObject"),
      grant.objectGrant(bucket, ["blobs/"], "PutObject", "AbortMultipartUpload"),
      grant.objectGrant(bucket, ["uploads/", "checked/"], "DeleteObject"),
      grant.objectGrant(bucket, ["uploads/"], "AbortMultipartUpload"),
      grant.absenceGrant(bucket),
      grant.publishGrant(bus.eventBusArn),
      ...grant.startGrants(names),
    ],
    deadLetters,
  });
}

/** The steps of a run that are functions. */
function stepFunctions(stack: Stack): Record<StepName, Function> {
  const { table, bucket } = use(Storage);
  const environment = { BENCHGEN_TABLE: table.tableName, BENCHGEN_BUCKET: bucket.bucketName };
  const records = grant.tableGrant(table, "GetItem", "Query", "UpdateItem", "DeleteItem");
  return {
    plan: planFunction(stack),
    "read-ingestion": pipelineFunction(stack, "read-ingestion", {
      description: "How an ingestion job ended",
      timeoutSeconds: 120,
      memoryMb: 512,
      environment,
      grants: [
        records,
        grant.objectGrant(bucket, ["runs/"], "GetObject"),
        // The calls of a program that has a model, gathered.
        grant.objectGrant(bucket, ["runs/"], "PutObject", "AbortMultipartUpload"),
        grant.absenceGrant(bucket),
      ],
    }),
    "read-scores": pipelineFunction(stack, "read-scores", {
      description: "What a scoring job left: scores and cases",
      timeoutSeconds: 900,
      memoryMb: 1769,
      environment,
      grants: [
        records,
        grant.objectGrant(bucket, ["runs/", "blobs/"], "GetObject"),
        grant.objectGrant(bucket, ["runs/"], "PutObject", "AbortMultipartUpload"),
        grant.absenceGrant(bucket),
      ],
    }),
    "record-failure": pipelineFunction(stack, "record-failure", {
      description: "Why a task of a run failed",
      timeoutSeconds: 120,
      memoryMb: 512,
      environment: { BENCHGEN_TABLE: table.tableName },
      grants: [grant.tableGrant(table, "UpdateItem")],
    }),
    merge: pipelineFunction(stack, "merge", {
      description: "A run's scores, and its rows on the leaderboards",
      timeoutSeconds: 900,
      memoryMb: 1769,
      environment,
      grants: [
        // The check: that the run was not taken off its boards meanwhile.
        grant.tableGrant(table, ...grant.recordActions, "ConditionCheckItem"),
        grant.objectGrant(bucket, ["runs/", "blobs/"], "GetObject"),
        // The report, from every task's cases.
        grant.objectGrant(bucket, ["runs/"], "PutObject", "AbortMultipartUpload"),
      ],
    }),
    finish: pipelineFunction(stack, "finish", {
      description: "The end of a run",
      timeoutSeconds: 300,
      memoryMb: 1024,
      environment: finishEnvironment(stack),
      grants: finishGrants(stack),
    }),
  };
}

function planFunction(stack: Stack): Function {
  const settings = settingsOf(stack);
  const names = namesOf(stack.stage);
  const { table, bucket } = use(Storage);
  const { bus } = use(Events);
  const { cluster, logGroup, executionRole, image } = use(Runner);
  return pipelineFunction(stack, "plan", {
    description: "The tasks and jobs of a run",
    timeoutSeconds: 300,
    memoryMb: 1024,
    environment: {
      BENCHGEN_TABLE: table.tableName,
      BENCHGEN_BUCKET: bucket.bucketName,
      BENCHGEN_BUS: bus.eventBusName,
      BENCHGEN_CLUSTER: cluster.clusterArn,
      BENCHGEN_LOG_GROUP: logGroup.logGroupName,
      BENCHGEN_API_URL: use(Api).jobsUrl,
      BENCHGEN_RUNNER_IMAGE: image,
      BENCHGEN_DEFAULT_IMAGE: settings.defaultImage,
      BENCHGEN_ARCHITECTURE: settings.architecture,
      BENCHGEN_EXECUTION_ROLE_ARN: executionRole.roleArn,
      BENCHGEN_TASK_PREFIX: names.prefix,
      BENCHGEN_CEILINGS: JSON.stringify(settings.ceilings),
      BENCHGEN_MODEL_NETWORK: settings.modelNetwork,
      BENCHGEN_ALLOW_NETWORK: String(settings.allowNetwork),
    },
    grants: [
      grant.tableGrant(table, ...grant.recordActions),
      grant.objectGrant(bucket, ["blobs/"], "GetObject"),
      grant.publishGrant(bus.eventBusArn),
      ...grant.registerGrants(names, executionRole.roleArn),
    ],
  });
}

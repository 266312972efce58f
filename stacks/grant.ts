/** What a function may do: one grant for each kind of thing, each naming exactly its actions. */
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { eventSource } from "@benchgen/core/wire/event.ts";
import type { namesOf } from "./name.ts";

export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Record<string, string | string[]>>>;
  /** Must be there when a resource has a `*`: why it cannot be narrower. */
  readonly why?: string;
}

type Names = ReturnType<typeof namesOf>;

/** @throws Error when a wildcard is not explained */
export function statementOf({ actions, resources, conditions, why }: Grant): PolicyStatement {
  if (actions.some((action) => action.includes("*")))
    throw new Error(`name the actions: ${actions.join(", ")}`);
  if (resources.some((resource) => resource.includes("*")) && why === undefined) {
    throw new Error(`say why ${resources.join(", ")} has a wildcard`);
  }
  return new PolicyStatement({
    actions: [...actions],
    resources: [...resources],
    ...(conditions === undefined ? {} : { conditions }),
  });
}

type TableAction =
  "GetItem" | "Query" | "Scan" | "PutItem" | "UpdateItem" | "DeleteItem" | "ConditionCheckItem";

/** What a transaction writes is allowed action by action, as if it were written alone. */
export function tableGrant(table: ITable, ...actions: readonly TableAction[]): Grant {
  return { actions: actions.map((action) => `dynamodb:${action}`), resources: [table.tableArn] };
}

/** Reading and writing records of every kind. */
export const recordActions = [
  "GetItem",
  "Query",
  "PutItem",
  "UpdateItem",
  "DeleteItem",
] as const satisfies readonly TableAction[];

export function indexGrant(table: ITable, ...indexes: readonly ("gsi1" | "gsi2")[]): Grant {
  return {
    actions: ["dynamodb:Query"],
    resources: indexes.map((index) => `${table.tableArn}/index/${index}`),
  };
}

type ObjectAction =
  "GetObject" | "PutObject" | "DeleteObject" | "AbortMultipartUpload" | "ListMultipartUploadParts";
/** What the keys of blobs begin with: packages/core/src/wire/key.ts. */
export type KeyPrefix = "uploads/" | "checked/" | "made/" | "blobs/" | "runs/";

export function objectGrant(
  bucket: IBucket,
  prefixes: readonly KeyPrefix[],
  ...actions: readonly ObjectAction[]
): Grant {
  return {
    actions: actions.map((action) => `s3:${action}`),
    resources: prefixes.map((prefix) => bucket.arnForObjects(`${prefix}*`)),
    why: "Objects below these prefixes come and go.",
  };
}

/** Without it S3 answers 403 where there is no object, and nobody could tell that from a mistake in a policy. */
export function absenceGrant(bucket: IBucket): Grant {
  return { actions: ["s3:ListBucket"], resources: [bucket.bucketArn] };
}

export function publishGrant(busArn: string): Grant {
  return {
    actions: ["events:PutEvents"],
    resources: [busArn],
    conditions: { StringEquals: { "events:source": eventSource } },
  };
}

/** Starting a run's workflow; one that is there already is looked at, whether it is the same. */
export function startGrants(names: Names): readonly Grant[] {
  return [
    { actions: ["states:StartExecution"], resources: [names.stateMachineArn] },
    executionGrant(names, "DescribeExecution"),
  ];
}

export function executionGrant(names: Names, ...actions: readonly string[]): Grant {
  return {
    actions: actions.map((action) => `states:${action}`),
    resources: [names.executionArns],
    why: "Executions are named after runs.",
  };
}

/** Finding a job's tasks, and ending them. */
export function stopTaskGrants(names: Names, clusterArn: string): readonly Grant[] {
  return [
    listTaskGrant(clusterArn),
    {
      actions: ["ecs:StopTask"],
      resources: [names.taskArns],
      why: "ECS names tasks itself; the cluster is ours.",
    },
  ];
}

export function listTaskGrant(clusterArn: string): Grant {
  return {
    actions: ["ecs:ListTasks"],
    resources: ["*"],
    conditions: { ArnEquals: { "ecs:cluster": clusterArn } },
    why: "ListTasks has no resource but container instances, of which Fargate has none; the condition is the cluster.",
  };
}

/** Describing jobs to ECS beforehand. */
export function registerGrants(names: Names, executionRoleArn: string): readonly Grant[] {
  return [
    {
      actions: ["ecs:RegisterTaskDefinition"],
      resources: [names.taskDefinitionArns],
      why: "Families are named by the hash of what they hold, revisions by ECS.",
    },
    {
      actions: ["ecs:DescribeTaskDefinition"],
      resources: ["*"],
      why: "DescribeTaskDefinition supports no resource in policies. It reads definitions, which hold no secret.",
    },
    passExecutionRoleGrant(executionRoleArn),
  ];
}

export function passExecutionRoleGrant(executionRoleArn: string): Grant {
  return {
    actions: ["iam:PassRole"],
    resources: [executionRoleArn],
    conditions: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
  };
}

/** What ending a run takes, whoever ends it: the workflow's last step, the rule on failed executions, the sweep. */
import { type Stack, use } from "sst/constructs";
import { Events } from "./event.ts";
import * as grant from "./grant.ts";
import { namesOf } from "./name.ts";
import { Runner } from "./runner.ts";
import { Storage } from "./storage.ts";

export function finishEnvironment(stack: Stack): Record<string, string> {
  const { table, bucket } = use(Storage);
  return {
    BENCHGEN_TABLE: table.tableName,
    BENCHGEN_BUCKET: bucket.bucketName,
    BENCHGEN_BUS: use(Events).bus.eventBusName,
    BENCHGEN_STATE_MACHINE_ARN: namesOf(stack.stage).stateMachineArn,
    BENCHGEN_CLUSTER: use(Runner).cluster.clusterArn,
  };
}

export function finishGrants(stack: Stack): readonly grant.Grant[] {
  const names = namesOf(stack.stage);
  const { table, bucket } = use(Storage);
  return [
    grant.tableGrant(table, ...grant.recordActions),
    // A version that a verification settles.
    grant.objectGrant(bucket, ["blobs/"], "GetObject"),
    grant.publishGrant(use(Events).bus.eventBusArn),
    ...grant.stopTaskGrants(names, use(Runner).cluster.clusterArn),
  ];
}

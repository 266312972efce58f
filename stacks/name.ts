/**
 * Names that are known before the things are made. What would otherwise need each other in a circle (the workflow its
 * functions, the functions the workflow they start) is referred to by them.
 */
import { Aws } from "aws-cdk-lib";

export function namesOf(stage: string) {
  const prefix = `benchgen-${stage}`;
  const arn = (service: string, resource: string) =>
    `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
  return {
    prefix,
    bus: prefix,
    cluster: prefix,
    /** The state machine of runs. */
    stateMachineArn: arn("states", `stateMachine:${prefix}-run`),
    stateMachine: `${prefix}-run`,
    /** Of every execution of it. */
    executionArns: arn("states", `execution:${prefix}-run:*`),
    /** Of every revision of every job's definition. */
    taskDefinitionArns: arn("ecs", `task-definition/${prefix}-*:*`),
    taskArns: arn("ecs", `task/${prefix}/*`),
    ruleArn: (rule: string) => arn("events", `rule/${rule}`),
    secretPrefix: `benchgen/${stage}/`,
    /** Secrets Manager adds six characters of its own to a secret's name. */
    secretArns: arn("secretsmanager", `secret:benchgen/${stage}/*`),
    /** What the keys of models are named: packages/core/src/model/record.ts. */
    modelSecretArns: arn("secretsmanager", `secret:benchgen/${stage}/model/*`),
    /** Read by `benchgen admin token`. */
    deploymentParameter: `/benchgen/${stage}/deployment`,
    logGroup: (of: string) => `/benchgen/${stage}/${of}`,
    /** AWS's prefix for logs its own services deliver: others fill a policy of the account that is limited in size. */
    deliveredLogGroup: (of: string) => `/aws/vendedlogs/benchgen/${stage}/${of}`,
  };
}

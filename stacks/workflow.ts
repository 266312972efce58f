/** The state machine of a run: the one workflow file, with the ARNs it leaves open. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Aws, RemovalPolicy } from "aws-cdk-lib";
import { PolicyDocument, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import { NagSuppressions } from "cdk-nag";
import { type Function, type Stack, use } from "sst/constructs";
import { useProject } from "sst/project.js";
import { explainWildcards } from "./function.ts";
import { type Grant, passExecutionRoleGrant, statementOf } from "./grant.ts";
import { namesOf } from "./name.ts";
import { Network } from "./network.ts";
import { Runner } from "./runner.ts";
import { settingsOf } from "./setting.ts";

/** Functions that are steps of the workflow. */
export type StepName = "plan" | "read-ingestion" | "read-scores" | "record-failure" | "merge" | "finish";

/** What CDK adds to the role for the log. Source: Step Functions' documentation of logging. */
const logDelivery = { why: "Delivering logs supports no resource in policies." };

const workflowFile = "packages/core/src/run/workflow.asl.json";

export function runWorkflow(stack: Stack, steps: Record<StepName, Function>): StateMachine {
  const names = namesOf(stack.stage);
  const { vpc, subnetType, securityGroup, assignPublicIp } = use(Network);
  const { cluster } = use(Runner);
  const grants = workflowGrants(stack, Object.values(steps));
  const role = new Role(stack, "workflow-role", {
    assumedBy: new ServicePrincipal("states.amazonaws.com", {
      // No other state machine, and nobody else's, may take the role.
      conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
    }),
    inlinePolicies: { own: new PolicyDocument({ statements: grants.map(statementOf) }) },
  });

  const machine = new StateMachine(stack, "workflow", {
    stateMachineName: names.stateMachine,
    stateMachineType: StateMachineType.STANDARD,
    definitionBody: DefinitionBody.fromString(
      readFileSync(join(useProject().paths.root, workflowFile), "utf8"),
    ),
    definitionSubstitutions: {
      Partition: Aws.PARTITION,
      PlanFunctionArn: steps.plan.functionArn,
      ReadIngestionFunctionArn: steps["read-ingestion"].functionArn,
      ReadScoresFunctionArn: steps["read-scores"].functionArn,
      RecordFailureFunctionArn: steps["record-failure"].functionArn,
      MergeFunctionArn: steps.merge.functionArn,
      FinishFunctionArn: steps.finish.functionArn,
      ClusterArn: cluster.clusterArn,
      IngestionCapacityProvider: settingsOf(stack).ingestionSpot ? "FARGATE_SPOT" : "FARGATE",
      SubnetIds: vpc.selectSubnets({ subnetType }).subnetIds.join(","),
      SecurityGroupId: securityGroup.securityGroupId,
      AssignPublicIp: assignPublicIp ? "ENABLED" : "DISABLED",
    },
    role,
    // Without execution data: jobs' tokens travel in it.
    logs: { destination: executionLog(stack), level: LogLevel.ERROR, includeExecutionData: false },
    tracingEnabled: false,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  explainWildcards(role, [...grants, logDelivery]);
  NagSuppressions.addResourceSuppressions(machine, [
    {
      id: "AwsSolutions-SF1",
      reason:
        "Every event would be a line for each step; the history keeps them for 90 days. Errors are logged.",
    },
    { id: "AwsSolutions-SF2", reason: "X-Ray costs by the trace and shows no more than the history." },
  ]);
  return machine;
}

function workflowGrants(stack: Stack, steps: readonly Function[]): Grant[] {
  const names = namesOf(stack.stage);
  const { cluster, executionRole } = use(Runner);
  return [
    { actions: ["lambda:InvokeFunction"], resources: steps.map(({ functionArn }) => functionArn) },
    {
      actions: ["ecs:RunTask"],
      resources: [names.taskDefinitionArns],
      conditions: { ArnEquals: { "ecs:cluster": cluster.clusterArn } },
      why: "Definitions are registered as environments need them.",
    },
    {
      actions: ["ecs:StopTask", "ecs:DescribeTasks"],
      resources: [names.taskArns],
      why: "ECS names tasks itself; the cluster is ours.",
    },
    {
      actions: ["ecs:TagResource"],
      resources: [names.taskArns],
      conditions: { StringEquals: { "ecs:CreateAction": "RunTask" } },
      why: "ECS names tasks itself; tags are given while a task is made, and not later.",
    },
    passExecutionRoleGrant(executionRole.roleArn),
    {
      // How Step Functions learns that a task has ended. Source: its documentation of `.sync` for ECS.
      actions: ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
      resources: [names.ruleArn("StepFunctionsGetEventsForECSTaskRule")],
    },
  ];
}

function executionLog(stack: Stack): LogGroup {
  return new LogGroup(stack, "workflow-log", {
    logGroupName: namesOf(stack.stage).deliveredLogGroup("workflow"),
    retention: settingsOf(stack).logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

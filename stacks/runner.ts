/** What jobs are made of besides their definitions: cluster, image of our own containers, execution role, log. */
import { RemovalPolicy } from "aws-cdk-lib";
import { DockerImageAsset, Platform } from "aws-cdk-lib/aws-ecr-assets";
import { Cluster, ContainerInsights } from "aws-cdk-lib/aws-ecs";
import { PolicyDocument, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { NagSuppressions } from "cdk-nag";
import { type Stack, type StackContext, use } from "sst/constructs";
import { useProject } from "sst/project.js";
import { explainFramework } from "./framework.ts";
import { explainWildcards } from "./function.ts";
import { type Grant, statementOf } from "./grant.ts";
import { namesOf } from "./name.ts";
import { Network } from "./network.ts";
import { settingsOf } from "./setting.ts";

export function Runner({ stack }: StackContext) {
  const settings = settingsOf(stack);
  const names = namesOf(stack.stage);
  const { vpc } = use(Network);
  explainFramework(stack);

  const cluster = new Cluster(stack, "cluster", {
    vpc,
    clusterName: names.cluster,
    enableFargateCapacityProviders: true,
    containerInsightsV2: ContainerInsights.DISABLED,
  });
  NagSuppressions.addResourceSuppressions(cluster, [
    {
      id: "AwsSolutions-ECS4",
      reason:
        "Container Insights costs by the metric, for each job anew. A job's own report says what it used.",
    },
  ]);

  const logGroup = new LogGroup(stack, "job-log", {
    logGroupName: names.logGroup("jobs"),
    retention: settings.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const built = settings.runnerImage === undefined ? runnerImage(stack) : undefined;
  const grants = executionGrants(stack, logGroup, built);
  const executionRole = new Role(stack, "execution-role", {
    description: "Pulls a job's images and writes its log. No container can use it.",
    assumedBy: new ServicePrincipal("ecs-tasks.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
    }),
    inlinePolicies: { own: new PolicyDocument({ statements: grants.map(statementOf) }) },
  });
  explainWildcards(executionRole, grants);
  return { cluster, logGroup, executionRole, image: settings.runnerImage ?? built!.imageUri };
}

/** Built anew when something changed that .dockerignore lets through, and at no other time. */
function runnerImage(stack: Stack): DockerImageAsset {
  const arm = settingsOf(stack).architecture === "ARM64";
  return new DockerImageAsset(stack, "runner-image", {
    directory: useProject().paths.root,
    file: "packages/runner/Dockerfile",
    platform: arm ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
  });
}

function executionGrants(stack: Stack, logGroup: LogGroup, built: DockerImageAsset | undefined): Grant[] {
  const repositories = [
    ...(built === undefined ? [] : [built.repository.repositoryArn]),
    ...settingsOf(stack).imageRepositories.map((name) =>
      stack.formatArn({ service: "ecr", resource: "repository", resourceName: name }),
    ),
  ];
  return [
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [logGroup.logGroupArn] },
    ...(repositories.length === 0
      ? []
      : [
          {
            // Named ones only: a bundle names its image, and would otherwise read every private image of the account.
            actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources: repositories,
          },
          {
            actions: ["ecr:GetAuthorizationToken"],
            resources: ["*"],
            why: "GetAuthorizationToken supports no resource in policies.",
          },
        ]),
  ];
}

/**
 * Where jobs run. Nothing connects to a job; a job connects out, by HTTPS.
 *
 * `public`: public subnets without NAT, an address per job, no standing cost. `isolated`: subnets without any way out;
 * what a job needs is reached by endpoints, which cost about 8 US dollars a month and zone each (docs/deploy.md).
 */
import { Aws, Fn } from "aws-cdk-lib";
import {
  GatewayVpcEndpointAwsService,
  type InterfaceVpcEndpoint,
  InterfaceVpcEndpointAwsService,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from "aws-cdk-lib/aws-ec2";
import { AnyPrincipal, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { NagSuppressions } from "cdk-nag";
import { type Stack, type StackContext, use } from "sst/constructs";
import { explainFramework } from "./framework.ts";
import { namesOf } from "./name.ts";
import { settingsOf } from "./setting.ts";
import { Storage } from "./storage.ts";

/** Of what a job in an isolated subnet needs: pulling its images, writing its log, and our API. */
const endpointServices = {
  images: InterfaceVpcEndpointAwsService.ECR,
  layers: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  api: InterfaceVpcEndpointAwsService.APIGATEWAY,
} as const;

export function Network({ stack }: StackContext) {
  const { network, allowNetwork } = settingsOf(stack);
  const { bucket } = use(Storage);
  explainFramework(stack);
  const isolated = network === "isolated";
  const subnetType = isolated ? SubnetType.PRIVATE_ISOLATED : SubnetType.PUBLIC;
  chooseZonesAtDeployment(stack);
  const vpc = new Vpc(stack, "vpc", {
    vpcName: namesOf(stack.stage).prefix,
    natGateways: 0,
    // Jobs are given their addresses one by one: nothing else that is started here gets one.
    subnetConfiguration: [
      { name: "jobs", subnetType, cidrMask: 20, ...(isolated ? {} : { mapPublicIpOnLaunch: false }) },
    ],
  });
  NagSuppressions.addResourceSuppressions(vpc, [
    {
      id: "AwsSolutions-VPC7",
      reason:
        "Flow logs cost by the gigabyte, and tell of jobs only that they used HTTPS. Turn them on in your account if you must keep them.",
    },
  ]);

  const securityGroup = new SecurityGroup(stack, "jobs", {
    vpc,
    description: "Jobs: nothing comes in, HTTPS goes out",
    allowAllOutbound: allowNetwork,
  });
  // DNS needs no rule: security groups do not apply to the resolver of the VPC.
  if (!allowNetwork) securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), "HTTPS");

  const storage = vpc.addGatewayEndpoint("storage", { service: GatewayVpcEndpointAwsService.S3 });
  for (const statement of storageStatements(bucket, allowNetwork)) storage.addToPolicy(statement);

  const endpoints = isolated ? interfaceEndpoints(stack, vpc, securityGroup) : undefined;
  return { vpc, securityGroup, subnetType, assignPublicIp: !isolated, apiEndpoint: endpoints?.api };
}

/** Otherwise CDK asks the account for its zones, at a time when there need not be one: tests, `sst build`. */
function chooseZonesAtDeployment(stack: Stack): void {
  const zones = [0, 1].map((index) => Fn.select(index, Fn.getAzs()));
  Object.defineProperty(stack, "availabilityZones", { get: () => zones });
}

/** What may be asked of S3 through the VPC, whoever signed it. */
function storageStatements(bucket: IBucket, allowNetwork: boolean): PolicyStatement[] {
  const statement = (actions: string[], ...resources: string[]) =>
    new PolicyStatement({ principals: [new AnyPrincipal()], actions, resources });
  return [
    // Signed URLs of ours.
    statement(["s3:GetObject", "s3:PutObject"], bucket.arnForObjects("*")),
    // Where ECR keeps layers. Source: Amazon ECR's documentation of interface VPC endpoints.
    statement(["s3:GetObject"], `arn:${Aws.PARTITION}:s3:::prod-${Aws.REGION}-starport-layer-bucket/*`),
    // Public data sets; without this, those in the same region alone would be out of reach.
    ...(allowNetwork ? [statement(["s3:GetObject"], `arn:${Aws.PARTITION}:s3:::*`)] : []),
  ];
}

function interfaceEndpoints(stack: Stack, vpc: Vpc, jobs: SecurityGroup) {
  const securityGroup = new SecurityGroup(stack, "endpoints", {
    vpc,
    description: "Endpoints: HTTPS from jobs",
    allowAllOutbound: false,
  });
  securityGroup.addIngressRule(jobs, Port.tcp(443), "HTTPS from jobs");
  const made = Object.entries(endpointServices).map(([name, service]): [string, InterfaceVpcEndpoint] => [
    name,
    vpc.addInterfaceEndpoint(name, {
      service,
      securityGroups: [securityGroup],
      open: false,
      privateDnsEnabled: true,
    }),
  ]);
  const endpoints = Object.fromEntries(made) as Record<keyof typeof endpointServices, InterfaceVpcEndpoint>;
  // What programs ask their model goes through it as well: to no API but this account's own.
  endpoints.api.addToPolicy(
    new PolicyStatement({
      principals: [new AnyPrincipal()],
      actions: ["execute-api:Invoke"],
      resources: [`arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:*`],
    }),
  );
  return endpoints;
}

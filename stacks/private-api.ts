/** `/jobs/*` and `/gateway/*` for jobs in isolated subnets: a REST API that only their endpoint reaches. */
import { Aws, RemovalPolicy } from "aws-cdk-lib";
import {
  AccessLogField,
  AccessLogFormat,
  type CfnMethod,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  RestApi,
} from "aws-cdk-lib/aws-apigateway";
import type { InterfaceVpcEndpoint } from "aws-cdk-lib/aws-ec2";
import { AnyPrincipal, PolicyDocument, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { NagSuppressions } from "cdk-nag";
import type { Function, Stack } from "sst/constructs";
import { gatewaySeconds } from "./gateway.ts";
import { namesOf } from "./name.ts";
import { settingsOf } from "./setting.ts";

const stageName = "jobs";

export interface PrivateApiOptions {
  /** The API's function. */
  readonly jobs: Function;
  /** Its answers are streamed. */
  readonly gateway: Function;
  /** Of execute-api, in the jobs' VPC, with private DNS. */
  readonly endpoint: InterfaceVpcEndpoint;
}

/** @returns the URL jobs use */
export function privateApi(stack: Stack, { jobs, gateway, endpoint }: PrivateApiOptions): string {
  const { logRetentionDays, apiRateLimit, apiBurstLimit } = settingsOf(stack);
  const names = namesOf(stack.stage);
  const log = new LogGroup(stack, "private-access-log", {
    logGroupName: names.deliveredLogGroup("private-api"),
    retention: logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const api = new RestApi(stack, "private", {
    restApiName: `${names.prefix}-jobs`,
    endpointConfiguration: { types: [EndpointType.PRIVATE], vpcEndpoints: [endpoint] },
    policy: onlyFrom(endpoint),
    cloudWatchRole: false,
    deployOptions: {
      stageName,
      throttlingRateLimit: apiRateLimit,
      throttlingBurstLimit: apiBurstLimit,
      accessLogDestination: new LogGroupLogDestination(log),
      accessLogFormat: AccessLogFormat.custom(
        JSON.stringify({
          time: AccessLogField.contextRequestTime(),
          request: AccessLogField.contextRequestId(),
          method: AccessLogField.contextHttpMethod(),
          path: AccessLogField.contextPath(),
          status: AccessLogField.contextStatus(),
        }),
      ),
    },
  });
  for (const [name, handler] of Object.entries({ jobs, gateway })) {
    const defaultIntegration = new LambdaIntegration(handler, { allowTestInvoke: false });
    const { anyMethod } = api.root.addResource(name).addProxy({ defaultIntegration });
    if (handler === gateway) streamAnswers(anyMethod?.node.defaultChild as CfnMethod, gateway);
  }
  NagSuppressions.addResourceSuppressions(
    api,
    [
      {
        id: "AwsSolutions-APIG2",
        reason: "The app checks requests by the schemas its OpenAPI document is made from.",
      },
      { id: "AwsSolutions-APIG3", reason: "Nothing reaches it but jobs, through one endpoint." },
      { id: "AwsSolutions-APIG4", reason: "Jobs have a token of their own, which the app checks." },
      {
        id: "AwsSolutions-APIG6",
        reason: "Execution logs hold requests whole, and so the tokens; there is an access log.",
      },
      {
        id: "AwsSolutions-COG4",
        reason: "Jobs are no people: a token of their own, checked by the app, is what they have.",
      },
    ],
    true,
  );
  return `https://${api.restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${stageName}`;
}

/**
 * What CDK's integration cannot say yet.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
function streamAnswers(method: CfnMethod, { functionArn }: Function): void {
  const path = `2021-11-15/functions/${functionArn}/response-streaming-invocations`;
  const uri = `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/${path}`;
  method.addPropertyOverride("Integration.Uri", uri);
  method.addPropertyOverride("Integration.ResponseTransferMode", "STREAM");
  method.addPropertyOverride("Integration.TimeoutInMillis", gatewaySeconds * 1000);
}

function onlyFrom({ vpcEndpointId }: InterfaceVpcEndpoint): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: ["execute-api:Invoke"],
        // Every method of this API: a policy of an API is about nothing else.
        resources: ["execute-api:/*"],
        conditions: { StringEquals: { "aws:SourceVpce": vpcEndpointId } },
      }),
    ],
  });
}

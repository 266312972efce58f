/** The HTTP API: one function behind API Gateway, another that looks at tokens; and the gateway to models beside it. */
import { Aws, Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { NagSuppressions } from "cdk-nag";
import { type Function, type Stack, type StackContext, use } from "sst/constructs";
import { Events } from "./event.ts";
import { explainFramework } from "./framework.ts";
import { pipelineFunction } from "./function.ts";
import { gatewayFunction, openUrl } from "./gateway.ts";
import * as grant from "./grant.ts";
import { namesOf } from "./name.ts";
import { Network } from "./network.ts";
import { privateApi } from "./private-api.ts";
import { Runner } from "./runner.ts";
import { settingsOf } from "./setting.ts";
import { Storage } from "./storage.ts";

/** Their requests carry a job's token, which the app checks, or none. */
const openPaths = ["/jobs/{proxy+}", "/health", "/openapi.json"];

/** Who, what, how it ended. No header, no query: those hold tokens and signatures. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    time: "$context.requestTime",
    request: "$context.requestId",
    from: "$context.identity.sourceIp",
    method: "$context.httpMethod",
    path: "$context.path",
    status: "$context.status",
    milliseconds: "$context.responseLatency",
    error: "$context.integrationErrorMessage",
  }),
);

export function Api({ stack }: StackContext) {
  const settings = settingsOf(stack);
  const names = namesOf(stack.stage);
  const { table } = use(Storage);
  explainFramework(stack);
  const handler = apiFunction(stack);
  const gateway = gatewayFunction(stack);
  const authorizer = pipelineFunction(stack, "authorizer", {
    description: "Whose token a request carries",
    timeoutSeconds: 10,
    memoryMb: 512,
    environment: { BENCHGEN_TABLE: table.tableName },
    grants: [grant.tableGrant(table, "GetItem")],
  });

  const integration = new HttpLambdaIntegration("api", handler, { timeout: Duration.seconds(29) });
  const api = new HttpApi(stack, "http", {
    apiName: names.prefix,
    createDefaultStage: false,
    defaultIntegration: integration,
    defaultAuthorizer: new HttpLambdaAuthorizer("authorizer", authorizer, {
      authorizerName: `${names.prefix}-authorizer`,
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      // It runs for every request: with a source of identity, API Gateway would refuse those without a token itself.
      identitySource: [],
      resultsCacheTtl: Duration.seconds(0),
    }),
    ...(settings.corsOrigins.length === 0
      ? {}
      : {
          corsPreflight: {
            allowOrigins: settings.corsOrigins,
            allowMethods: [CorsHttpMethod.ANY],
            allowHeaders: ["authorization", "content-type"],
            maxAge: Duration.hours(1),
          },
        }),
  });
  for (const path of openPaths) {
    const routes = api.addRoutes({
      path,
      methods: [HttpMethod.ANY],
      integration,
      authorizer: new HttpNoneAuthorizer(),
    });
    NagSuppressions.addResourceSuppressions(routes, [
      {
        id: "AwsSolutions-APIG4",
        reason: "Says nothing secret, or is asked with a job's token, which the app checks.",
      },
    ]);
  }
  new HttpStage(stack, "stage", {
    httpApi: api,
    stageName: "$default",
    autoDeploy: true,
    throttle: { rateLimit: settings.apiRateLimit, burstLimit: settings.apiBurstLimit },
    accessLogSettings: { destination: new LogGroupLogDestination(accessLog(stack)), format: accessLogFormat },
  });

  new StringParameter(stack, "deployment", {
    parameterName: names.deploymentParameter,
    description: "Where benchgen is: read by `benchgen admin token`",
    stringValue: stack.toJsonString({
      apiUrl: api.apiEndpoint,
      tableName: table.tableName,
      region: Aws.REGION,
    }),
  });
  stack.addOutputs({ ApiUrl: api.apiEndpoint });
  // An HTTP API and a function's URL are always public: jobs without a way out have a private API, for their paths only.
  const { apiEndpoint: endpoint } = use(Network);
  const privateUrl = endpoint && privateApi(stack, { jobs: handler, gateway, endpoint });
  handler.addEnvironment("BENCHGEN_GATEWAY_URL", privateUrl ?? openUrl(gateway));
  return { api, handler, authorizer, gateway, jobsUrl: privateUrl ?? api.apiEndpoint };
}

function accessLog(stack: Stack): LogGroup {
  return new LogGroup(stack, "access-log", {
    logGroupName: namesOf(stack.stage).deliveredLogGroup("api"),
    retention: settingsOf(stack).logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

function apiFunction(stack: Stack): Function {
  const names = namesOf(stack.stage);
  const { table, bucket } = use(Storage);
  const { bus } = use(Events);
  const { cluster, logGroup } = use(Runner);
  return pipelineFunction(stack, "api", {
    description: "The HTTP API",
    timeoutSeconds: 29,
    memoryMb: 1769,
    environment: {
      BENCHGEN_TABLE: table.tableName,
      BENCHGEN_BUCKET: bucket.bucketName,
      BENCHGEN_BUS: bus.eventBusName,
      BENCHGEN_STATE_MACHINE_ARN: names.stateMachineArn,
      BENCHGEN_CLUSTER: cluster.clusterArn,
      BENCHGEN_LOG_GROUP: logGroup.logGroupName,
      BENCHGEN_SECRET_PREFIX: names.secretPrefix,
    },
    grants: [
      grant.tableGrant(table, ...grant.recordActions),
      grant.indexGrant(table, "gsi1", "gsi2"),
      // Reads and writes for itself, and for those it signs URLs for.
      grant.objectGrant(bucket, ["uploads/", "blobs/", "runs/", "made/"], "GetObject"),
      // What stands for the submission of a run against a model is content, too.
      grant.objectGrant(bucket, ["uploads/", "blobs/", "runs/"], "PutObject"),
      grant.objectGrant(bucket, ["uploads/"], "AbortMultipartUpload", "ListMultipartUploadParts"),
      // Answers longer than Lambda takes.
      grant.objectGrant(bucket, ["made/"], "PutObject", "AbortMultipartUpload"),
      grant.absenceGrant(bucket),
      grant.publishGrant(bus.eventBusArn),
      ...grant.startGrants(names),
      grant.executionGrant(names, "StopExecution"),
      ...grant.stopTaskGrants(names, cluster.clusterArn),
      {
        actions: ["logs:GetLogEvents"],
        resources: [
          `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:${names.logGroup("jobs")}:log-stream:job/*`,
        ],
        why: "Each container of a job has a stream, named by ECS.",
      },
      {
        actions: [
          "secretsmanager:CreateSecret",
          "secretsmanager:PutSecretValue",
          "secretsmanager:GetSecretValue",
          "secretsmanager:DeleteSecret",
        ],
        resources: [names.secretArns],
        why: "Keys of models are added and removed through the API.",
      },
    ],
  });
}

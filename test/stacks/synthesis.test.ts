/** Every promise of docs/deploy.md that a template can show, of every resource it is about. */
import { beforeAll, describe, expect, it } from "vitest";
import { functionNames } from "../../packages/functions/bundle.ts";
import { statementsOf } from "../support/stacks/policy.ts";
import { type Resource, type Synthesis, synthesise } from "../support/stacks/synthesis.ts";

const everything = {
  alarmEmail: "ada@example.org",
  budgetUsd: 20,
  gatewayConcurrency: 50,
  corsOrigins: ["https://hub.example.org"],
  notify: { kind: "slack", channel: "C1", secretName: "slack" },
};
const isolatedImage = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/python:3";

/** The ids of those that are not as they should be. */
const others = (resources: readonly Resource[], isGood: (resource: Resource) => boolean) =>
  resources.filter((resource) => !isGood(resource)).map(({ id }) => id);

describe.each([
  ["with the default settings", "test", {}],
  ["with every setting", "test", everything],
  ["in production", "production", everything],
  [
    "isolated",
    "test",
    { ...everything, network: "isolated", defaultImage: isolatedImage, imageRepositories: ["python"] },
  ],
] as const)("a deployment %s", (_how, stage, settings) => {
  let made: Synthesis;
  beforeAll(async () => {
    made = await synthesise({ stage, settings });
  });
  /** Those of ours, without the handlers SST and CDK bring along for deploying. */
  const functions = () =>
    made
      .ofType("AWS::Lambda::Function")
      .filter(({ Properties }) => String(Properties["FunctionName"]).startsWith("benchgen-"));

  it("has nothing that cdk-nag's AwsSolutions rules or CDK complain about, but for runtimes of placeholders", () => {
    // Without bundling, SST puts a placeholder in, which has a runtime of its own: build.test.ts looks at the real ones.
    expect(made.complaints.filter((complaint) => !complaint.includes("AwsSolutions-L1"))).toEqual([]);
  });

  it("has every function once, on arm64, with a limit of time and a log of its own", () => {
    const names = functions().map(({ Properties }) => String(Properties["FunctionName"]));
    expect(new Set(names)).toEqual(new Set(functionNames.map((name) => `benchgen-${stage}-${name}`)));
    expect(names).toHaveLength(functionNames.length);
    const isGood = ({ Properties }: Resource) =>
      String(Properties["Architectures"]) === "arm64" &&
      Properties["Timeout"] <= 900 &&
      Properties["LoggingConfig"].LogGroup !== undefined;
    expect(others(functions(), isGood)).toEqual([]);
  });

  it("gives every function a role of its own, which only Lambda may take", () => {
    const roles = functions().map(({ Properties }) => JSON.stringify(Properties["Role"]));
    expect(new Set(roles).size).toBe(functionNames.length);
  });

  it("allows no action by wildcard, and a resource by wildcard only where cdk-nag was told why", () => {
    // What CDK makes for emptying a bucket when it is removed.
    const ours = statementsOf(made).filter(({ of }) => !of.includes("CustomS3AutoDelete"));
    const allowed = ours.filter(({ resource }) => /^AWS::IAM::(Role|Policy)$/.test(resource.Type));
    const allowsAll = allowed.filter(({ statement }) =>
      [statement.Action].flat().some((action) => action.includes("*")),
    );
    expect(allowsAll.map(({ of }) => of)).toEqual([]);
    const isExplained = ({ Metadata }: Resource) =>
      JSON.stringify(Metadata?.["cdk_nag"] ?? "").includes("IAM5");
    const unexplained = allowed.filter(
      ({ resource, statement }) =>
        JSON.stringify(statement.Resource ?? "").includes("*") && !isExplained(resource),
    );
    expect(unexplained.map(({ of }) => of)).toEqual([]);
  });

  it("gives no container a role, and the execution role nothing but images and the log", () => {
    const roles = made
      .ofType("AWS::IAM::Role")
      .filter(({ Properties }) =>
        JSON.stringify(Properties["AssumeRolePolicyDocument"]).includes("ecs-tasks"),
      );
    expect(roles).toHaveLength(1);
    const services = statementsOf(made)
      .filter(({ resource }) => resource.id === roles[0]!.id)
      .filter(({ statement }) => statement.Principal === undefined)
      .flatMap(({ statement }) => [statement.Action].flat().map((action) => action.split(":")[0]));
    expect(services.filter((service) => service !== "ecr" && service !== "logs")).toEqual([]);
    expect(made.ofType("AWS::ECS::TaskDefinition")).toEqual([]);
  });

  it("keeps the bucket closed: no public access, TLS only, encrypted, no lists of access", () => {
    const buckets = made.ofType("AWS::S3::Bucket");
    expect(buckets).toHaveLength(1);
    for (const { Properties } of buckets) {
      expect(Object.values(Properties["PublicAccessBlockConfiguration"])).toEqual([true, true, true, true]);
      expect(JSON.stringify(Properties["BucketEncryption"])).toContain("AES256");
      expect(JSON.stringify(Properties["OwnershipControls"])).toContain("BucketOwnerEnforced");
      expect(Properties["NotificationConfiguration"]).toEqual({
        EventBridgeConfiguration: { EventBridgeEnabled: true },
      });
      expect(Properties["AccessControl"]).toBeUndefined();
    }
    const denied = statementsOf(made).filter(({ statement }) => statement.Effect === "Deny");
    const refusesPlain = (type: string) =>
      denied.some(
        ({ resource, statement }) =>
          resource.Type === type &&
          JSON.stringify(statement.Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
      );
    expect(["AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"].filter(refusesPlain)).toHaveLength(2);
  });

  it("opens the bucket to browsers only for what the settings name", () => {
    const cors = made.ofType("AWS::S3::Bucket")[0]!.Properties["CorsConfiguration"];
    if (!("corsOrigins" in settings)) return expect(cors).toBeUndefined();
    expect(cors.CorsRules).toHaveLength(1);
    expect(cors.CorsRules[0].AllowedOrigins).toEqual(settings.corsOrigins);
    expect(cors.CorsRules[0].AllowedMethods).toEqual(["PUT", "GET"]);
  });

  it("forgets uploads, checks, long answers and unfinished uploads in parts", () => {
    const rules: { Prefix?: string; AbortIncompleteMultipartUpload?: unknown }[] =
      made.ofType("AWS::S3::Bucket")[0]!.Properties["LifecycleConfiguration"].Rules;
    expect(rules.map(({ Prefix }) => Prefix)).toEqual(
      expect.arrayContaining(["uploads/", "checked/", "made/"]),
    );
    expect(
      rules.some(({ AbortIncompleteMultipartUpload }) => AbortIncompleteMultipartUpload !== undefined),
    ).toBe(true);
  });

  it("has one table: on demand, restorable to any second, with both indexes and a time to live", () => {
    const [table, ...more] = made.ofType("AWS::DynamoDB::Table");
    expect(more).toEqual([]);
    expect(table!.Properties).toMatchObject({
      BillingMode: "PAY_PER_REQUEST",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    });
    const indexes: { IndexName: string }[] = table!.Properties["GlobalSecondaryIndexes"];
    expect(indexes.map(({ IndexName }) => IndexName)).toEqual(["gsi1", "gsi2"]);
  });

  it("keeps table and bucket when production is removed, and nothing of another stage", () => {
    const lasting = made.resources.filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith("Retain"));
    const types = lasting.map(({ Type }) => Type).toSorted();
    expect(types).toEqual(stage === "production" ? ["AWS::DynamoDB::Table", "AWS::S3::Bucket"] : []);
  });

  it("lets every log expire", () => {
    const groups = made.ofType("AWS::Logs::LogGroup");
    // A function each; the jobs, the workflow, requests.
    expect(groups.length).toBeGreaterThanOrEqual(functionNames.length + 3);
    expect(others(groups, ({ Properties }) => Properties["RetentionInDays"] === 30)).toEqual([]);
  });

  it("leads every event that could not be delivered or handled to the dead letters", () => {
    const isCaught = ({ Properties }: Resource) =>
      Properties["Targets"].every(
        (target: Record<string, unknown>) =>
          target["DeadLetterConfig"] !== undefined && target["RetryPolicy"] !== undefined,
      );
    expect(others(made.ofType("AWS::Events::Rule"), isCaught)).toEqual([]);
    const caught = made
      .ofType("AWS::Lambda::EventInvokeConfig")
      .map(({ Properties }) => Properties["DestinationConfig"]);
    expect(caught).toHaveLength(5);
    for (const config of caught) expect(config.OnFailure.Destination).toBeDefined();
    // The sweep's own next round is its second try; a third and fourth would only delay the alarm.
    const retries = ({ Properties }: Resource) => Number(Properties["MaximumRetryAttempts"]);
    const all = made.ofType("AWS::Lambda::EventInvokeConfig").map(retries);
    expect(all.toSorted((a, b) => a - b)).toEqual([0, 2, 2, 2, 2]);
    expect(
      made.ofType("AWS::SQS::Queue").map(({ Properties }) => Properties["SqsManagedSseEnabled"]),
    ).toEqual([true]);
  });

  it("asks for a token on every path but those that need none", () => {
    const routes = made.ofType("AWS::ApiGatewayV2::Route").map(({ Properties }) => Properties);
    const kind = Object.fromEntries(
      routes.map(({ RouteKey, AuthorizationType }) => [RouteKey, AuthorizationType]),
    );
    expect(kind).toEqual({
      $default: "CUSTOM",
      "ANY /jobs/{proxy+}": "NONE",
      "ANY /health": "NONE",
      "ANY /openapi.json": "NONE",
    });
    const [authorizer] = made.ofType("AWS::ApiGatewayV2::Authorizer");
    expect(authorizer!.Properties).toMatchObject({
      AuthorizerPayloadFormatVersion: "2.0",
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
    });
    expect(authorizer!.Properties["IdentitySource"] ?? []).toEqual([]);
  });

  it("opens one function to everybody, by its own URL: the gateway to models, which asks for a run's token itself", () => {
    const isolated = "network" in settings;
    const urls = made.ofType("AWS::Lambda::Url").map(({ Properties }) => Properties);
    expect(urls.map(({ InvokeMode }) => InvokeMode)).toEqual(isolated ? [] : ["RESPONSE_STREAM"]);
    const anyone = made
      .ofType("AWS::Lambda::Permission")
      .filter(({ Properties }) => Properties["Principal"] === "*");
    const isGateway = ({ Properties }: Resource) =>
      JSON.stringify(Properties["FunctionName"]).includes("gateway") &&
      (Properties["InvokedViaFunctionUrl"] === true || Properties["FunctionUrlAuthType"] === "NONE");
    expect(others(anyone, isGateway)).toEqual([]);
    expect(anyone.length > 0).toBe(!isolated);
  });

  it("tells jobs of a gateway that they can reach, whose answers are streamed", () => {
    const [api] = functions().filter(
      ({ Properties }) => Properties["FunctionName"] === `benchgen-${stage}-api`,
    );
    const told = JSON.stringify(api!.Properties["Environment"].Variables["BENCHGEN_GATEWAY_URL"]);
    if (!("network" in settings)) return expect(told).toContain("FunctionUrl");
    expect(told).toContain("execute-api");
    const streamed = made
      .ofType("AWS::ApiGateway::Method")
      .map(({ Properties }) => Properties["Integration"])
      .filter(({ ResponseTransferMode }) => ResponseTransferMode === "STREAM");
    expect(streamed).toHaveLength(1);
    expect(JSON.stringify(streamed[0].Uri)).toContain("gateway");
    expect(JSON.stringify(streamed[0].Uri)).toContain("/response-streaming-invocations");
  });

  it("lets the gateway see calls and the tokens for them, tell of progress, and read the keys of models, and nothing else", () => {
    const allowed = statementsOf(made)
      .filter(({ of, resource }) => of.includes("gatewayrole") && resource.Type === "AWS::IAM::Role")
      .map(({ statement }) => statement)
      .filter(({ Principal }) => Principal === undefined);
    expect(allowed.flatMap(({ Action }) => Action).toSorted()).toEqual([
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
      "events:PutEvents",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "secretsmanager:GetSecretValue",
    ]);
    expect(JSON.stringify(allowed)).toContain(
      '{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["GATEWAY#*","CALLS#*","PROGRESS#*"]}}',
    );
    expect(JSON.stringify(allowed)).toContain(`:secret:benchgen/${stage}/model/*`);
  });

  it("reserves concurrency for nothing but the gateway, and for that only if told to", () => {
    const reserved = functions().flatMap(({ Properties }) =>
      Properties["ReservedConcurrentExecutions"] === undefined
        ? []
        : [[Properties["FunctionName"], Properties["ReservedConcurrentExecutions"]]],
    );
    const wanted = "gatewayConcurrency" in settings ? [[`benchgen-${stage}-gateway`, 50]] : [];
    expect(reserved).toEqual(wanted);
  });

  it("limits requests, and logs them without what they carry", () => {
    const [stageOfApi] = made.ofType("AWS::ApiGatewayV2::Stage");
    expect(stageOfApi!.Properties["DefaultRouteSettings"]).toMatchObject({
      ThrottlingRateLimit: 50,
      ThrottlingBurstLimit: 100,
    });
    const formats = [
      ...made.ofType("AWS::ApiGatewayV2::Stage"),
      ...made.ofType("AWS::ApiGateway::Stage"),
    ].map(({ Properties }) =>
      JSON.stringify((Properties["AccessLogSettings"] ?? Properties["AccessLogSetting"]).Format),
    );
    for (const format of formats) expect(format).not.toMatch(/header|querystring|authorizer|token/i);
  });

  it("lets nothing connect to a job, and a job connect by HTTPS only", () => {
    const [group] = made
      .ofType("AWS::EC2::SecurityGroup")
      .filter(({ Properties }) => String(Properties["GroupDescription"]).startsWith("Jobs"));
    expect(group!.Properties["SecurityGroupIngress"]).toBeUndefined();
    const egress: { FromPort: number; ToPort: number; IpProtocol: string }[] =
      group!.Properties["SecurityGroupEgress"];
    expect(egress.map(({ FromPort, ToPort, IpProtocol }) => [IpProtocol, FromPort, ToPort])).toEqual([
      ["tcp", 443, 443],
    ]);
    expect(made.ofType("AWS::EC2::NatGateway")).toEqual([]);
    for (const { Properties } of made.ofType("AWS::EC2::Subnet")) {
      expect(Properties["MapPublicIpOnLaunch"] ?? false).toBe(false);
    }
  });

  it("reaches our bucket through the network, and no other but where images lie", () => {
    const [storage] = made
      .ofType("AWS::EC2::VPCEndpoint")
      .filter(({ Properties }) => Properties["VpcEndpointType"] === "Gateway");
    const statements: { Action: string | string[]; Resource: unknown }[] =
      storage!.Properties["PolicyDocument"].Statement;
    expect(statements.map(({ Action }) => Action)).toEqual([
      ["s3:GetObject", "s3:PutObject"],
      "s3:GetObject",
    ]);
    expect(JSON.stringify(statements[1]!.Resource)).toContain("starport-layer-bucket");
  });

  it("has a way out of the subnets, or all that a job needs inside", () => {
    const isolated = "network" in settings;
    const outward = made.ofType("AWS::EC2::Route");
    const services = made
      .ofType("AWS::EC2::VPCEndpoint")
      .filter(({ Properties }) => Properties["VpcEndpointType"] === "Interface")
      .map(
        ({ Properties }) =>
          /ecr\.api|ecr\.dkr|logs|execute-api/.exec(JSON.stringify(Properties["ServiceName"]))?.[0],
      );
    expect(outward).toHaveLength(isolated ? 0 : 2);
    expect(new Set(services)).toEqual(new Set(isolated ? ["ecr.api", "ecr.dkr", "execute-api", "logs"] : []));
    const privateApis = made.ofType("AWS::ApiGateway::RestApi");
    expect(privateApis).toHaveLength(isolated ? 1 : 0);
    for (const { Properties } of privateApis) {
      expect(Properties["EndpointConfiguration"].Types).toEqual(["PRIVATE"]);
      expect(JSON.stringify(Properties["Policy"])).toContain("aws:SourceVpce");
    }
  });

  it("tells where it is, for those who administer it", () => {
    const [parameter] = made
      .ofType("AWS::SSM::Parameter")
      .filter(({ Properties }) => Properties["Name"] === `/benchgen/${stage}/deployment`);
    expect(parameter!.Properties["Tier"] ?? "Standard").toBe("Standard");
    for (const field of ["apiUrl", "tableName", "region"]) {
      expect(JSON.stringify(parameter!.Properties["Value"])).toContain(field);
    }
  });

  it("costs nothing worth naming while nothing happens", () => {
    // Free in every account: ten alarms, three dashboards. Nothing that is billed by the hour, and no key or secret.
    expect(made.ofType("AWS::CloudWatch::Alarm").length).toBeLessThanOrEqual(10);
    expect(made.ofType("AWS::CloudWatch::Dashboard").length).toBeLessThanOrEqual(3);
    const byTheMonth = [
      "AWS::KMS::Key",
      "AWS::SecretsManager::Secret",
      "AWS::EC2::NatGateway",
      "AWS::EC2::EIP",
    ];
    expect(made.resources.filter(({ Type }) => byTheMonth.includes(Type))).toEqual([]);
    if (!("network" in settings)) {
      expect(
        made.ofType("AWS::EC2::VPCEndpoint").map(({ Properties }) => Properties["VpcEndpointType"]),
      ).toEqual(["Gateway"]);
    }
  });

  it("tells somebody of what goes wrong, when there is somebody", () => {
    const told = "alarmEmail" in settings;
    const isTold = ({ Properties }: Resource) =>
      (Properties["AlarmActions"]?.length ?? 0) === (told ? 1 : 0) && Properties["AlarmDescription"] !== "";
    expect(others(made.ofType("AWS::CloudWatch::Alarm"), isTold)).toEqual([]);
    expect(made.ofType("AWS::SNS::Topic")).toHaveLength(told ? 1 : 0);
    expect(made.ofType("AWS::Budgets::Budget")).toHaveLength(told ? 1 : 0);
  });

  it("tells others of finished runs only when asked, with a secret that is named and not written down", () => {
    const connections: readonly Resource[] = made.ofType("AWS::Events::Connection");
    expect(connections).toHaveLength("notify" in settings ? 1 : 0);
    for (const { Properties } of connections) {
      const value = Properties["AuthParameters"].ApiKeyAuthParameters.ApiKeyValue;
      expect(JSON.stringify(value)).toContain("{{resolve:secretsmanager:slack:SecretString");
    }
  });
});

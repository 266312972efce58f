/** Who may do what: roles, tokens, what is open to everybody. */
import { expect, it } from "vitest";
import { statementsOf } from "../../support/stacks/policy.ts";
import type { Resource } from "../../support/stacks/synthesis.ts";
import { type Deployed, others } from "./deployed.ts";

export function accessPromises({ made, stage, settings }: Deployed): void {
  it("allows no action by wildcard, and a resource by wildcard only where cdk-nag was told why", () => {
    // What CDK makes for emptying a bucket when it is removed.
    const ours = statementsOf(made()).filter(({ of }) => !of.includes("CustomS3AutoDelete"));
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
    const roles = made()
      .ofType("AWS::IAM::Role")
      .filter(({ Properties }) =>
        JSON.stringify(Properties["AssumeRolePolicyDocument"]).includes("ecs-tasks"),
      );
    expect(roles).toHaveLength(1);
    const services = statementsOf(made())
      .filter(({ resource }) => resource.id === roles[0]!.id)
      .filter(({ statement }) => statement.Principal === undefined)
      .flatMap(({ statement }) => [statement.Action].flat().map((action) => action.split(":")[0]));
    expect(services.filter((service) => service !== "ecr" && service !== "logs")).toEqual([]);
    expect(made().ofType("AWS::ECS::TaskDefinition")).toEqual([]);
  });

  it("asks for a token on every path but those that need none", () => {
    const routes = made()
      .ofType("AWS::ApiGatewayV2::Route")
      .map(({ Properties }) => Properties);
    const kind = Object.fromEntries(
      routes.map(({ RouteKey, AuthorizationType }) => [RouteKey, AuthorizationType]),
    );
    expect(kind).toEqual({
      $default: "CUSTOM",
      "ANY /jobs/{proxy+}": "NONE",
      "ANY /health": "NONE",
      "ANY /openapi.json": "NONE",
    });
    const [authorizer] = made().ofType("AWS::ApiGatewayV2::Authorizer");
    expect(authorizer!.Properties).toMatchObject({
      AuthorizerPayloadFormatVersion: "2.0",
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
    });
    expect(authorizer!.Properties["IdentitySource"] ?? []).toEqual([]);
  });

  it("opens one function to everybody, by its own URL: the gateway to models, which asks for a run's token itself", () => {
    const isolated = "network" in settings;
    const urls = made()
      .ofType("AWS::Lambda::Url")
      .map(({ Properties }) => Properties);
    expect(urls.map(({ InvokeMode }) => InvokeMode)).toEqual(isolated ? [] : ["RESPONSE_STREAM"]);
    const anyone = made()
      .ofType("AWS::Lambda::Permission")
      .filter(({ Properties }) => Properties["Principal"] === "*");
    const isGateway = ({ Properties }: Resource) =>
      JSON.stringify(Properties["FunctionName"]).includes("gateway") &&
      (Properties["InvokedViaFunctionUrl"] === true || Properties["FunctionUrlAuthType"] === "NONE");
    expect(others(anyone, isGateway)).toEqual([]);
    expect(anyone.length > 0).toBe(!isolated);
  });

  it("lets the gateway see calls and the tokens for them, tell of progress, and read the keys of models, and nothing else", () => {
    const allowed = statementsOf(made())
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

  it("limits requests, and logs them without what they carry", () => {
    const [stageOfApi] = made().ofType("AWS::ApiGatewayV2::Stage");
    expect(stageOfApi!.Properties["DefaultRouteSettings"]).toMatchObject({
      ThrottlingRateLimit: 50,
      ThrottlingBurstLimit: 100,
    });
    const formats = [
      ...made().ofType("AWS::ApiGatewayV2::Stage"),
      ...made().ofType("AWS::ApiGateway::Stage"),
    ].map(({ Properties }) =>
      JSON.stringify((Properties["AccessLogSettings"] ?? Properties["AccessLogSetting"]).Format),
    );
    for (const format of formats) expect(format).not.toMatch(/header|querystring|authorizer|token/i);
  });
}

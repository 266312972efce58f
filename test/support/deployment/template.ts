/** Reads what a deployment consists of from the CloudFormation templates that the stacks synthesise. */
import { functionNames } from "../../../packages/functions/bundle.ts";
import type { Account } from "./call.ts";
import type {
  DeploymentDescription,
  FunctionDescription,
  MachineDescription,
  RouteDescription,
  RuleDescription,
  SubscriptionDescription,
} from "./description.ts";
import { type Evaluator, type Resource, type StackTemplate, type Value, evaluatorFor } from "./intrinsic.ts";
import type { Statement } from "./policy.ts";
import { apiEndpointOf, functionUrlOf, resourceNames } from "./resource-name.ts";

type Properties = Readonly<Record<string, Value>>;

/** A resource with everything in it resolved, as soon as it is looked at. */
interface Found {
  readonly logicalId: string;
  readonly ref: string;
  readonly arn: () => string;
  readonly properties: Properties;
  /** Before it is resolved. */
  readonly raw: NonNullable<Resource["Properties"]>;
  readonly evaluator: Evaluator;
}

export interface ReadOptions {
  readonly stacks: readonly StackTemplate[];
  readonly account: Account;
  readonly stage: string;
  /** Where the HTTP API really is. */
  readonly apiUrl: string;
  /** Where the gateway's URL really leads. */
  readonly gatewayUrl: string;
  /** The module of a function, by its name. */
  readonly moduleOf: (name: string) => string;
  readonly suffix: string;
}

/** @throws Error for whatever the templates hold that nobody has brought to life here */
export function readTemplates(options: ReadOptions): DeploymentDescription {
  const { account, stage } = options;
  const all = (type: string) => findAll(options, type);
  const only = (type: string) => {
    const [first, ...others] = all(type);
    if (first === undefined || others.length > 0) throw new Error(`there is not exactly one ${type}`);
    return first;
  };
  const roles = new Map(all("AWS::IAM::Role").map((role) => [role.arn(), role]));
  const policies = all("AWS::IAM::Policy");
  const statementsOf = (roleArn: string): Statement[] => {
    const role = roles.get(roleArn);
    if (role === undefined) throw new Error(`no template has the role ${roleArn}`);
    const attached = policies.filter(({ properties }) =>
      (properties["Roles"] as string[]).includes(role.ref),
    );
    const documents = [
      ...((role.properties["Policies"] ?? []) as Properties[]),
      ...attached.map(({ properties }) => properties),
    ];
    return documents.flatMap(
      ({ PolicyDocument }) => (PolicyDocument as unknown as { Statement: Statement[] }).Statement,
    );
  };
  const invokeConfigs = all("AWS::Lambda::EventInvokeConfig").map(({ properties }) => properties);
  const functions = all("AWS::Lambda::Function").flatMap((found) =>
    describeFunction(found, { ...options, statementsOf, invokeConfigs }),
  );
  const log = all("AWS::Logs::LogGroup").find(({ ref }) => ref.endsWith("/jobs"));
  return {
    ...account,
    stage,
    tableName: only("AWS::DynamoDB::Table").ref,
    bucketName: only("AWS::S3::Bucket").ref,
    busName: only("AWS::Events::EventBus").ref,
    clusterArn: only("AWS::ECS::Cluster").arn(),
    logGroup: log?.ref ?? "",
    functions,
    rules: all("AWS::Events::Rule").map(describeRule),
    subscriptions: all("AWS::Logs::SubscriptionFilter").map((found) =>
      describeSubscription(found, all("AWS::Lambda::Permission")),
    ),
    routes: describeRoutes(options),
    machine: describeMachine(only("AWS::StepFunctions::StateMachine"), statementsOf),
  };
}

function findAll({ stacks, account, suffix, apiUrl, gatewayUrl }: ReadOptions, type: string): Found[] {
  const attributeOf = resourceNames(account, suffix);
  return stacks.flatMap((stack) => {
    const evaluator = evaluatorFor(stack, { stacks, account, attributeOf });
    const found = Object.entries(stack.template.Resources).filter(([, resource]) => resource.Type === type);
    return found.map(([logicalId, { Properties: raw = {} }]): Found => {
      let properties: Properties | undefined;
      return {
        logicalId,
        get ref() {
          return evaluator.text({ Ref: logicalId });
        },
        arn: () => evaluator.text({ "Fn::GetAtt": [logicalId, "Arn"] }),
        get properties() {
          const text = () =>
            JSON.stringify(evaluator.resolve(raw))
              .replace(apiEndpointOf(account), apiUrl)
              .replace(functionUrlOf(account), gatewayUrl);
          return (properties ??= JSON.parse(text()) as Properties);
        },
        raw,
        evaluator,
      };
    });
  });
}

/** None for the functions that SST and CDK bring along. */
function describeFunction(
  found: Found,
  given: ReadOptions & { statementsOf: (arn: string) => Statement[]; invokeConfigs: readonly Properties[] },
): FunctionDescription[] {
  const functionName = found.raw["FunctionName"] === undefined ? "" : found.ref;
  const name = functionNames.find((each) => functionName === `benchgen-${given.stage}-${each}`);
  if (name === undefined) return [];
  const { properties } = found;
  const { Variables } = properties["Environment"] as { Variables: Record<string, string> };
  const config = given.invokeConfigs.find((each) => each["FunctionName"] === found.ref);
  const destination = config?.["DestinationConfig"] as { OnFailure?: { Destination: string } } | undefined;
  return [
    {
      name,
      functionName,
      arn: found.arn(),
      module: given.moduleOf(name),
      environment: Variables,
      timeoutSeconds: properties["Timeout"] as number,
      memoryMb: properties["MemorySize"] as number,
      statements: given.statementsOf(properties["Role"] as string),
      // Lambda's own number where nothing is said.
      asyncRetries: (config?.["MaximumRetryAttempts"] as number | undefined) ?? 2,
      asyncDeadLetterArn: destination?.OnFailure?.Destination,
    },
  ];
}

function describeRule({ properties, logicalId }: Found): RuleDescription {
  const targets = (properties["Targets"] ?? []) as {
    Arn: string;
    RetryPolicy?: { MaximumRetryAttempts?: number };
    DeadLetterConfig?: { Arn: string };
  }[];
  return {
    name: (properties["Name"] as string | undefined) ?? logicalId,
    bus: (properties["EventBusName"] as string | undefined) ?? "default",
    pattern: properties["EventPattern"] as RuleDescription["pattern"],
    schedule: properties["ScheduleExpression"] as string | undefined,
    targets: targets.map(({ Arn, RetryPolicy, DeadLetterConfig }) => ({
      arn: Arn,
      retries: RetryPolicy?.MaximumRetryAttempts ?? 185,
      deadLetterArn: DeadLetterConfig?.Arn,
    })),
  };
}

/** @throws Error when CloudWatch may not invoke the function: AWS would refuse to make the subscription */
function describeSubscription({ properties }: Found, permissions: readonly Found[]): SubscriptionDescription {
  const [logGroup, functionArn] = [properties["LogGroupName"], properties["DestinationArn"]] as string[];
  const isAllowed = permissions
    .filter(({ raw }) => raw["Principal"] === "logs.amazonaws.com")
    .some(
      ({ properties: { FunctionName, SourceArn } }) =>
        FunctionName === functionArn && (SourceArn as string).endsWith(`:log-group:${logGroup}:*`),
    );
  if (!isAllowed) throw new Error(`CloudWatch may not pass on ${logGroup} to ${functionArn}`);
  return {
    name: properties["FilterName"] as string,
    logGroup: logGroup!,
    pattern: properties["FilterPattern"] as string,
    functionArn: functionArn!,
  };
}

function describeRoutes(options: ReadOptions): RouteDescription[] {
  const integrations = new Map(
    findAll(options, "AWS::ApiGatewayV2::Integration").map((each) => [each.ref, each]),
  );
  const authorizers = new Map(
    findAll(options, "AWS::ApiGatewayV2::Authorizer").map((each) => [each.ref, each]),
  );
  return findAll(options, "AWS::ApiGatewayV2::Route").map(({ properties }) => {
    const integration = integrations.get((properties["Target"] as string).replace("integrations/", ""));
    const authorizer = authorizers.get((properties["AuthorizerId"] ?? "") as string);
    return {
      key: properties["RouteKey"] as string,
      functionArn: integration?.properties["IntegrationUri"] as string,
      authorizerArn:
        authorizer === undefined
          ? undefined
          : invokedFunction(authorizer.properties["AuthorizerUri"] as string),
    };
  });
}

/** `arn:aws:apigateway:…:lambda:path/2015-03-31/functions/ARN/invocations` */
function invokedFunction(uri: string): string {
  const arn = /functions\/(.+)\/invocations$/.exec(uri)?.[1];
  if (arn === undefined) throw new Error(`this is no function's URI: ${uri}`);
  return arn;
}

function describeMachine(found: Found, statementsOf: (arn: string) => Statement[]): MachineDescription {
  const { properties } = found;
  const substitutions = properties["DefinitionSubstitutions"] as Record<string, string>;
  const text = (properties["DefinitionString"] as string).replace(/\$\{(\w+)\}/g, (_match, name: string) => {
    const value = substitutions[name];
    if (value === undefined) throw new Error(`the workflow's placeholder ${name} has no value`);
    return value;
  });
  return {
    arn: found.ref,
    name: properties["StateMachineName"] as string,
    definition: JSON.parse(text) as object,
    statements: statementsOf(properties["RoleArn"] as string),
  };
}

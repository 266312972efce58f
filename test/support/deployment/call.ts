/** What a request to AWS is: who makes it, which operation, and which permissions AWS would ask for. Pure. */
import { s3Operation } from "./s3-operation.ts";

/** One permission a call needs. A call is allowed when all of its permissions are. */
export interface Permission {
  /** `dynamodb:PutItem` */
  readonly action: string;
  /** An ARN, or `*` where the action knows no resources. */
  readonly resource: string;
  /** Condition keys of the request, as far as a policy of ours asks for them. */
  readonly context?: Readonly<Record<string, string>>;
}

/** A request as the proxy received it. */
export interface AwsRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** Where the resources named in requests belong. */
export interface Account {
  readonly region: string;
  readonly accountId: string;
}

export interface AwsCall {
  /** The access key it was signed with: in a deployment for tests, the name of a function's instance. */
  readonly caller: string;
  /** `dynamodb`, `s3`, `states`, … as signatures name them. */
  readonly service: string;
  /** `PutObject`, `TransactWriteItems`, … */
  readonly operation: string;
  /** The request's own words, for operations in JSON. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly permissions: readonly Permission[];
}

/** @throws Error for a request that is not signed, or of a kind nobody has described here yet */
export function describeCall(request: AwsRequest, account: Account): AwsCall {
  const { caller, service } = readCredential(request);
  if (service === "s3") return { caller, service, input: {}, ...s3Operation(request) };
  const operation = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
  const input = JSON.parse(request.body.toString() || "{}") as Record<string, unknown>;
  const describe = jsonOperations[service];
  if (describe === undefined || operation === "") {
    throw new Error(`nobody has said what a call of ${service} needs: ${request.method} ${request.path}`);
  }
  return { caller, service, operation, input, permissions: describe(operation, input, account) };
}

/** From the header of a signed request, or the query of a presigned one. */
function readCredential({ path, headers }: AwsRequest): { caller: string; service: string } {
  const query = new URL(path, "http://any").searchParams.get("X-Amz-Credential");
  const header = /Credential=([^,]+)/.exec(headers["authorization"] ?? "")?.[1];
  const [caller = "", , , service = ""] = (query ?? header ?? "").split("/");
  if (service === "") throw new Error(`a request to AWS is not signed: ${path}`);
  return { caller, service };
}

type Input = Readonly<Record<string, unknown>>;
type Describe = (operation: string, input: Input, account: Account) => Permission[];

/** Source: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
const jsonOperations: Readonly<Record<string, Describe>> = {
  dynamodb: dynamoDbPermissions,
  states: (operation, input, account) => [
    {
      action: `states:${operation}`,
      resource: text(input["executionArn"] ?? input["stateMachineArn"], account),
    },
  ],
  events: (operation, input, { region, accountId }) => {
    const entries = (input["Entries"] ?? []) as { EventBusName?: string; Source: string }[];
    return entries.map(({ EventBusName = "default", Source }) => ({
      action: `events:${operation}`,
      resource: `arn:aws:events:${region}:${accountId}:event-bus/${EventBusName}`,
      context: { "events:source": Source },
    }));
  },
  ecs: ecsPermissions,
  logs: (operation, input, { region, accountId }) => {
    const group = `arn:aws:logs:${region}:${accountId}:log-group:${text(input["logGroupName"])}`;
    return [
      { action: `logs:${operation}`, resource: `${group}:log-stream:${text(input["logStreamName"] ?? "")}` },
    ];
  },
  secretsmanager: (operation, input, { region, accountId }) => {
    // AWS adds six characters to a secret's name, which policies match with `??????`.
    const name = text(input["SecretId"] ?? input["Name"]);
    const resource = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-AbCdEf`;
    return [{ action: `secretsmanager:${operation}`, resource }];
  },
  ssm: (operation, input, { region, accountId }) => {
    const resource = `arn:aws:ssm:${region}:${accountId}:parameter${text(input["Name"])}`;
    return [{ action: `ssm:${operation}`, resource }];
  },
};

/** A transaction needs the permission of each of its operations, and none of its own. */
function dynamoDbPermissions(operation: string, input: Input, account: Account): Permission[] {
  const tableArn = (name: unknown) =>
    `arn:aws:dynamodb:${account.region}:${account.accountId}:table/${text(name)}`;
  if (operation !== "TransactWriteItems") {
    const index = input["IndexName"] === undefined ? "" : `/index/${text(input["IndexName"])}`;
    const resource = `${tableArn(input["TableName"])}${index}`;
    return [{ action: `dynamodb:${operation}`, resource, ...leadingKey(input) }];
  }
  const actions = {
    Put: "PutItem",
    Update: "UpdateItem",
    Delete: "DeleteItem",
    ConditionCheck: "ConditionCheckItem",
  };
  const items = input["TransactItems"] as Partial<Record<keyof typeof actions, Input>>[];
  return items.flatMap((item) =>
    Object.entries(item).map(([kind, member]) => ({
      action: `dynamodb:${actions[kind as keyof typeof actions]}`,
      resource: tableArn(member["TableName"]),
      ...leadingKey(member),
    })),
  );
}

/** The partition's noun, of which policies may speak; its id would make every call another. */
function leadingKey(input: Input): Pick<Permission, "context"> {
  const {
    Key,
    Item,
    ExpressionAttributeValues: values,
  } = input as {
    Key?: Attributes;
    Item?: Attributes;
    ExpressionAttributeValues?: Attributes;
  };
  // The table's adapter puts the partition first into the conditions of a query.
  const pk = (Key ?? Item)?.["pk"]?.S ?? values?.[":v0"]?.S;
  return pk === undefined ? {} : { context: { "dynamodb:LeadingKeys": pk.replace(/#.*/s, "#") } };
}

type Attributes = Readonly<Record<string, { readonly S?: string }>>;

/** Describing task definitions knows no resources; lists are narrowed by the cluster alone. */
function ecsPermissions(operation: string, input: Input, { region, accountId }: Account): Permission[] {
  const prefix = `arn:aws:ecs:${region}:${accountId}`;
  const cluster = text(input["cluster"] ?? "default").replace(/^.*cluster\//, "");
  const context = { "ecs:cluster": `${prefix}:cluster/${cluster}` };
  switch (operation) {
    case "ListTasks":
      return [{ action: "ecs:ListTasks", resource: "*", context }];
    case "StopTask":
    case "DescribeTasks": {
      const named = (input["tasks"] ?? [input["task"]]) as string[];
      return named.map((task) => {
        const resource = task.startsWith("arn:") ? task : `${prefix}:task/${cluster}/${task}`;
        return { action: `ecs:${operation}`, resource, context };
      });
    }
    case "RegisterTaskDefinition":
      return [
        {
          action: "ecs:RegisterTaskDefinition",
          resource: `${prefix}:task-definition/${text(input["family"])}:1`,
        },
        {
          action: "iam:PassRole",
          resource: text(input["executionRoleArn"]),
          context: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
        },
      ];
    default:
      return [{ action: `ecs:${operation}`, resource: "*" }];
  }
}

function text(value: unknown, from: unknown = value): string {
  if (typeof value !== "string") throw new Error(`a request to AWS lacks a name: ${JSON.stringify(from)}`);
  return value;
}

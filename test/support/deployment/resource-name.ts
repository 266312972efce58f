/** What AWS would call the resources of a deployment, and answer to `Ref` and `GetAtt`. */
import type { Account } from "./call.ts";
import type { NamedResource } from "./intrinsic.ts";

/** By type: the property that holds its name, if one may be chosen, and what its ARN is made of. */
const kinds: Readonly<
  Record<string, { name?: string; arn?: (name: string) => string; ref?: "arn" | "url" }>
> = {
  "AWS::DynamoDB::Table": { name: "TableName", arn: (name) => `dynamodb:R:A:table/${name}` },
  "AWS::S3::Bucket": { name: "BucketName", arn: (name) => `s3:::${name}` },
  "AWS::Events::EventBus": { name: "Name", arn: (name) => `events:R:A:event-bus/${name}` },
  "AWS::Lambda::Function": { name: "FunctionName", arn: (name) => `lambda:R:A:function:${name}` },
  "AWS::IAM::Role": { name: "RoleName", arn: (name) => `iam::A:role/${name}` },
  "AWS::ECS::Cluster": { name: "ClusterName", arn: (name) => `ecs:R:A:cluster/${name}` },
  "AWS::Logs::LogGroup": { name: "LogGroupName", arn: (name) => `logs:R:A:log-group:${name}:*` },
  "AWS::SQS::Queue": { name: "QueueName", arn: (name) => `sqs:R:A:${name}`, ref: "url" },
  "AWS::SNS::Topic": { name: "TopicName", arn: (name) => `sns:R:A:${name}`, ref: "arn" },
  "AWS::StepFunctions::StateMachine": {
    name: "StateMachineName",
    arn: (name) => `states:R:A:stateMachine:${name}`,
    ref: "arn",
  },
  "AWS::ApiGatewayV2::Api": {},
  "AWS::ApiGatewayV2::Integration": {},
  "AWS::ApiGatewayV2::Authorizer": {},
  "AWS::Lambda::Url": {},
  "AWS::EC2::Subnet": {},
  "AWS::EC2::SecurityGroup": {},
  "AWS::EC2::VPC": {},
};

/** The URL an HTTP API would have. */
export function apiEndpointOf({ region }: Account): RegExp {
  return new RegExp(`https://\\w+\\.execute-api\\.${region}\\.amazonaws\\.com/?`, "g");
}

/** The URL a function would have. */
export function functionUrlOf({ region }: Account): RegExp {
  return new RegExp(`https://\\w+\\.lambda-url\\.${region}\\.on\\.aws/?`, "g");
}

/**
 * @param suffix told apart from other deployments by it, where AWS chooses the name
 * @returns undefined for what nobody has said
 */
export function resourceNames(
  account: Account,
  suffix: string,
): (resource: NamedResource, attribute: string) => string | undefined {
  return ({ logicalId, type, stack, property }, attribute) => {
    const kind = kinds[type];
    if (kind === undefined) return undefined;
    const chosen = kind.name === undefined ? undefined : property(kind.name);
    // Only letters and digits: what such an identifier is not read by anything but Ref.
    const name =
      chosen ??
      (kind.name === undefined ? logicalId.toLowerCase() : `${stack}-${logicalId}-${suffix}`.toLowerCase());
    const arn =
      kind.arn &&
      `arn:aws:${kind.arn(name).replace(":R:", `:${account.region}:`).replace(":A:", `:${account.accountId}:`)}`;
    switch (attribute) {
      case "Ref":
        if (kind.ref === "url")
          return `https://sqs.${account.region}.amazonaws.com/${account.accountId}/${name}`;
        return kind.ref === "arn" ? arn : name;
      case "Arn":
        return arn;
      case "Name":
      case "QueueName":
      case "GroupId":
        return name;
      case "ApiEndpoint":
        return `https://${name}.execute-api.${account.region}.amazonaws.com`;
      case "FunctionUrl":
        return `https://${name}.lambda-url.${account.region}.on.aws/`;
      default:
        return undefined;
    }
  };
}

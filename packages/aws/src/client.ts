/**
 * Every client of AWS is made here. One function for each, so that a bundle holds only the clients it uses.
 * The SDK itself is a development dependency of the repository: it is bundled into the functions, and an installation
 * for one machine does without it.
 */
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ECSClient } from "@aws-sdk/client-ecs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SSMClient } from "@aws-sdk/client-ssm";
import { SFNClient } from "@aws-sdk/client-sfn";

export interface ClientSettings {
  readonly region: string;
  /** Of a stand-in for AWS: `http://127.0.0.1:5000`. AWS itself where absent. */
  readonly endpoint?: string;
  /** Default: those the environment of a function provides. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Attempts of the SDK's own at one request, with backoff and jitter, when AWS is throttling or out of reach. */
const maxAttempts = 5;

export const dynamoDbClient = (settings: ClientSettings): DynamoDBClient =>
  new DynamoDBClient({ ...settings, maxAttempts });

export const s3Client = (settings: ClientSettings): S3Client =>
  new S3Client({
    ...settings,
    maxAttempts,
    // A stand-in has one host for all buckets.
    forcePathStyle: settings.endpoint !== undefined,
  });

export const stepFunctionsClient = (settings: ClientSettings): SFNClient =>
  new SFNClient({ ...settings, maxAttempts });

export const ecsClient = (settings: ClientSettings): ECSClient => new ECSClient({ ...settings, maxAttempts });

export const eventBridgeClient = (settings: ClientSettings): EventBridgeClient =>
  new EventBridgeClient({ ...settings, maxAttempts });

export const logsClient = (settings: ClientSettings): CloudWatchLogsClient =>
  new CloudWatchLogsClient({ ...settings, maxAttempts });

export const secretsClient = (settings: ClientSettings): SecretsManagerClient =>
  new SecretsManagerClient({ ...settings, maxAttempts });

export const ssmClient = (settings: ClientSettings): SSMClient => new SSMClient({ ...settings, maxAttempts });

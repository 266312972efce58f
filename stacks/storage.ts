/** The table and the bucket: all that lasts. */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  HttpMethods,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { CfnBucket, LifecycleRule } from "aws-cdk-lib/aws-s3";
import { NagSuppressions } from "cdk-nag";
import { uploadLifeSeconds } from "@benchgen/core/upload/record.ts";
import { madeLifeSeconds } from "@benchgen/core/wire/key.ts";
import type { StackContext } from "sst/constructs";
import { explainFramework } from "./framework.ts";
import { namesOf } from "./name.ts";
import { type Settings, settingsOf } from "./setting.ts";

export function Storage({ stack }: StackContext) {
  const settings = settingsOf(stack);
  explainFramework(stack);
  const removalPolicy = settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

  const table = new Table(stack, "table", {
    tableName: namesOf(stack.stage).prefix,
    partitionKey: { name: "pk", type: AttributeType.STRING },
    sortKey: { name: "sk", type: AttributeType.STRING },
    timeToLiveAttribute: "expiresAt",
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: settings.retain,
    removalPolicy,
  });
  for (const index of ["gsi1", "gsi2"]) {
    table.addGlobalSecondaryIndex({
      indexName: index,
      partitionKey: { name: `${index}pk`, type: AttributeType.STRING },
      sortKey: { name: `${index}sk`, type: AttributeType.STRING },
    });
  }

  const bucket = new Bucket(stack, "bucket", {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: settings.retain,
    lifecycleRules: lifecycle(settings),
    cors: settings.corsOrigins.map((origin) => ({
      allowedOrigins: [origin],
      // What a signed URL may be used for.
      allowedMethods: [HttpMethods.PUT, HttpMethods.GET],
      allowedHeaders: ["content-type", "x-amz-checksum-sha256"],
      // Of each part of a large upload.
      exposedHeaders: ["etag"],
      maxAge: 3600,
    })),
    autoDeleteObjects: !settings.retain,
    removalPolicy,
  });
  // Not `eventBridgeEnabled`: that sets the same property through a function that may change every bucket of the account.
  const resource = bucket.node.defaultChild as CfnBucket;
  resource.addPropertyOverride("NotificationConfiguration.EventBridgeConfiguration", {
    EventBridgeEnabled: true,
  });
  NagSuppressions.addResourceSuppressions(bucket, [
    {
      id: "AwsSolutions-S1",
      reason:
        "Access logs would be a second bucket that grows for ever. Every access is by a signed URL that the API made, and the API's log says to whom.",
    },
  ]);
  return { table, bucket };
}

function lifecycle({ runFileDays, retain }: Settings): LifecycleRule[] {
  // S3 counts whole days, from midnight.
  const life = Duration.days(uploadLifeSeconds / 86_400 + 1);
  return [
    { id: "uploads", prefix: "uploads/", expiration: life },
    { id: "checked", prefix: "checked/", expiration: life },
    { id: "made", prefix: "made/", expiration: Duration.days(madeLifeSeconds / 86_400) },
    { id: "unfinished", abortIncompleteMultipartUploadAfter: life },
    ...(runFileDays === undefined
      ? []
      : [{ id: "run-files", prefix: "runs/", expiration: Duration.days(runFileDays) }]),
    ...(retain
      ? [{ id: "former", noncurrentVersionExpiration: Duration.days(30), expiredObjectDeleteMarker: true }]
      : []),
  ];
}

/** The stores of a deployment as stand-ins, and the environment of its functions. */
import { randomUUID } from "node:crypto";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { CreateEventBusCommand } from "@aws-sdk/client-eventbridge";
import { dynamoDbClient, eventBridgeClient, s3Client } from "@benchgen/aws/client.ts";
import { createTable } from "@benchgen/aws/table/table.ts";
import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import type { Table } from "@benchgen/core/ports.ts";
import { createTestTable, startDynamoDbLocal } from "../support/aws/dynamodb-local.ts";
import { startMoto } from "../support/aws/moto.ts";
import { standInSettings, startOrExplain } from "../support/aws/stand-in.ts";

export interface TestDeployment {
  readonly table: Table;
  readonly bucket: string;
  readonly machineArn: string;
  close(): Promise<void>;
}

/** Tells `process.env` what a function is told. Text: why the machine cannot have the stand-ins. */
export async function openDeployment(): Promise<TestDeployment | string> {
  const [dynamoDb, moto] = await Promise.all([
    startOrExplain("DynamoDB Local", startDynamoDbLocal),
    startOrExplain("moto's server", startMoto),
  ]);
  const close = async (): Promise<void> => {
    await Promise.all([dynamoDb.close(), moto.close()]);
  };
  if (dynamoDb.endpoint === undefined || moto.endpoint === undefined) {
    await close();
    return [dynamoDb, moto].map((each) => ("missing" in each ? each.missing : "")).join(" ");
  }
  const name = `functions-${randomUUID()}`;
  const machineArn = "arn:aws:states:us-east-1:123456789012:stateMachine:benchgen-test-run";
  const atMoto = { ...standInSettings, endpoint: moto.endpoint };
  const client = dynamoDbClient({ ...standInSettings, endpoint: dynamoDb.endpoint });
  await createTestTable(client, name);
  await s3Client(atMoto).send(new CreateBucketCommand({ Bucket: name }));
  await eventBridgeClient(atMoto).send(new CreateEventBusCommand({ Name: name }));
  const others = ["s3", "states", "ecs", "events", "logs", "secretsmanager"];
  Object.assign(process.env, {
    AWS_REGION: standInSettings.region,
    AWS_ACCESS_KEY_ID: standInSettings.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: standInSettings.credentials.secretAccessKey,
    BENCHGEN_AWS_ENDPOINTS: JSON.stringify({
      dynamodb: dynamoDb.endpoint,
      ...Object.fromEntries(others.map((service) => [service, moto.endpoint])),
    }),
    BENCHGEN_TABLE: name,
    BENCHGEN_BUCKET: name,
    BENCHGEN_BUS: name,
    BENCHGEN_STATE_MACHINE_ARN: machineArn,
    BENCHGEN_CLUSTER: "arn:aws:ecs:us-east-1:123456789012:cluster/benchgen-test",
    BENCHGEN_LOG_GROUP: "/benchgen/test/job",
    BENCHGEN_SECRET_PREFIX: "benchgen/test/",
    BENCHGEN_GATEWAY_URL: "https://gateway.example/",
    BENCHGEN_MODEL_NETWORK: "gateway",
    BENCHGEN_ALLOW_NETWORK: "true",
  });
  const cursors = createCursorCodec(Buffer.from("a secret of this test"));
  return { table: createTable({ client, tableName: name, cursors }), bucket: name, machineArn, close };
}

import { randomUUID } from "node:crypto";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { afterAll, it } from "vitest";
import {
  dynamoDbClient,
  ecsClient,
  eventBridgeClient,
  logsClient,
  s3Client,
  secretsClient,
  stepFunctionsClient,
} from "@benchgen/aws/client.ts";
import { createBlobs } from "@benchgen/aws/blob/blobs.ts";
import { createBus } from "@benchgen/aws/bus/bus.ts";
import { createLogs } from "@benchgen/aws/log/logs.ts";
import type { FindAttempts } from "@benchgen/aws/log/source.ts";
import { createSecrets } from "@benchgen/aws/secret/secrets.ts";
import { createTable } from "@benchgen/aws/table/table.ts";
import { createWorkflow } from "@benchgen/aws/workflow/workflow.ts";
import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import { systemClock } from "@benchgen/local/clock.ts";
import { testSources, writeTestLog } from "../support/aws/cloudwatch.ts";
import { createTestTable, startDynamoDbLocal } from "../support/aws/dynamodb-local.ts";
import { createTestBus } from "../support/aws/event-bridge.ts";
import { startMoto } from "../support/aws/moto.ts";
import { serveStepFunctions } from "../support/aws/step-functions.ts";
import { standInSettings, startOrExplain } from "../support/aws/stand-in.ts";
import { blobsContract } from "./blobs.contract.ts";
import { busContract } from "./bus.contract.ts";
import { caseFacts } from "./case.ts";
import { openContractWorkflow } from "./contract-workflow.ts";
import { contentContract } from "./content.contract.ts";
import { ecsLauncherFacts } from "./ecs-launcher.ts";
import { largeBlobFacts } from "./large-blob.ts";
import { logsContract } from "./logs.contract.ts";
import { partContract } from "./part.contract.ts";
import { partUploadFacts } from "./part-upload.ts";
import { secretsContract } from "./secrets.contract.ts";
import { signedUrlContract } from "./signed-url.contract.ts";
import { storedLogFacts } from "./stored-log.ts";
import { tableContract } from "./table.contract.ts";
import { workflowContract } from "./workflow.contract.ts";

const [dynamoDb, moto] = await Promise.all([
  startOrExplain("DynamoDB Local", startDynamoDbLocal),
  startOrExplain("moto's server", startMoto),
]);
afterAll(async () => {
  await Promise.all([dynamoDb.close(), moto.close()]);
});

const cursors = createCursorCodec(Buffer.from("a secret of this test"));

if (dynamoDb.endpoint === undefined) {
  it("NOT TESTED: the table, for want of DynamoDB Local", ({ skip }) => skip(dynamoDb.missing));
} else {
  const client = dynamoDbClient({ ...standInSettings, endpoint: dynamoDb.endpoint });
  tableContract(
    "DynamoDB",
    async () => {
      await createTestTable(client, "contract");
      const table = createTable({ client, tableName: "contract", cursors });
      return { table, close: async () => client.destroy() };
    },
    { propertyRuns: 30 },
  );
}

if (moto.endpoint === undefined) {
  it("NOT TESTED: everything but the table, for want of moto's server", ({ skip }) => skip(moto.missing));
} else {
  const settings = { ...standInSettings, endpoint: moto.endpoint };
  const openBlobs = async () => {
    const client = s3Client(settings);
    const Bucket = `contract-${randomUUID()}`;
    await client.send(new CreateBucketCommand({ Bucket }));
    const blobs = createBlobs({ client, bucket: Bucket, cursors, clock: systemClock });
    return { blobs, client, bucket: Bucket, close: async () => client.destroy() };
  };
  blobsContract("S3", openBlobs);
  largeBlobFacts("S3", openBlobs);
  caseFacts("S3", openBlobs);
  const unchecked = "moto checks no signature; packages/aws/src/blob/sign.test.ts shows what is signed";
  signedUrlContract("S3", openBlobs, {
    "refuses other content, longer, shorter and as long": unchecked,
    "takes the same bytes twice at once": "moto's threads race for one key, and one of them answers 500",
    "stores nothing of an upload that breaks off": "moto stores what came before the break",
    "refuses altered headers, methods and URLs": unchecked,
    "refuses an upload after its URL expired": unchecked,
    "refuses altered and expired URLs, and says when the blob is gone": unchecked,
  });
  partUploadFacts("S3", openBlobs);
  partContract("S3", openBlobs, {
    "takes exactly the part its URL was signed for": unchecked,
    "does not complete what was aborted": "moto answers 500 for an upload it does not know",
    "refuses another key's upload": "moto looks up an upload by its id alone",
  });

  busContract("EventBridge", async () => {
    const [client, logs] = [eventBridgeClient(settings), logsClient(settings)];
    const received = await createTestBus(client, logs, "contract");
    const close = async () => [client, logs].forEach((each) => each.destroy());
    return { bus: createBus({ client, busName: "contract" }), received, close };
  });

  ecsLauncherFacts("ECS", ecsClient(settings));

  logsContract("CloudWatch Logs", async () => {
    const client = logsClient(settings);
    const logGroup = "contract";
    const { blobs } = await openBlobs();
    const attempts: FindAttempts = async ({ jobId }) => [{ id: "only", sources: testSources(jobId) }];
    return {
      logs: createLogs({ client, logGroup, cursors, blobs, attempts }),
      write: ({ jobId }, lines) => writeTestLog(client, logGroup, jobId, lines),
      close: async () => client.destroy(),
    };
  });

  storedLogFacts("CloudWatch Logs and S3", async () => {
    const client = logsClient(settings);
    const logGroup = "stored";
    const { blobs } = await openBlobs();
    const attempts: FindAttempts = async ({ jobId }) => [{ id: "only", sources: testSources(jobId) }];
    return {
      logs: createLogs({ client, logGroup, cursors, blobs, attempts }),
      blobs,
      write: ({ jobId }, lines) => writeTestLog(client, logGroup, jobId, lines),
      close: async () => client.destroy(),
    };
  });

  secretsContract("Secrets Manager", async () => {
    const client = secretsClient(settings);
    return {
      secrets: createSecrets({ client, prefix: "contract/" }),
      close: async () => client.destroy(),
    };
  });
}

if (dynamoDb.endpoint === undefined || moto.endpoint === undefined) {
  it("NOT TESTED: content, for want of a stand-in", ({ skip }) => skip());
} else {
  const [database, objects] = [dynamoDb.endpoint, moto.endpoint];
  contentContract("S3 and DynamoDB", async () => {
    const tables = dynamoDbClient({ ...standInSettings, endpoint: database });
    const client = s3Client({ ...standInSettings, endpoint: objects });
    const name = `content-${randomUUID()}`;
    await Promise.all([
      createTestTable(tables, name),
      client.send(new CreateBucketCommand({ Bucket: name })),
    ]);
    return {
      table: createTable({ client: tables, tableName: name, cursors }),
      blobs: createBlobs({ client, bucket: name, cursors, clock: systemClock }),
      close: async () => [tables, client].forEach((each) => each.destroy()),
    };
  });
}

// Needs nothing that this machine may lack: moto runs no state machines without Docker, the local engine does.
workflowContract("Step Functions", async () => {
  const { workflow: engine, data } = openContractWorkflow();
  const server = await serveStepFunctions(engine);
  const client = stepFunctionsClient({ ...standInSettings, endpoint: server.endpoint });
  const stateMachineArn = "arn:aws:states:us-east-1:123456789012:stateMachine:contract";
  const workflow = createWorkflow({ client, stateMachineArn, cursors });
  return {
    workflow,
    waitForEnd: async (name) => {
      await engine.waitForEnd(name);
      return (await workflow.describe(name))!;
    },
    close: async () => {
      client.destroy();
      await server.close();
      data.close();
    },
  };
});

/** The first token of a deployment, made with AWS's credentials alone. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { dynamoDbClient, ssmClient } from "@benchgen/aws/client.ts";
import { deploymentParameter } from "@benchgen/aws/deployment.ts";
import { createTable } from "@benchgen/aws/table/table.ts";
import { authenticate } from "@benchgen/core/access/token.ts";
import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import { systemClock } from "@benchgen/local/clock.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestTable, startDynamoDbLocal } from "../support/aws/dynamodb-local.ts";
import { startMoto } from "../support/aws/moto.ts";
import { standInSettings, startOrExplain } from "../support/aws/stand-in.ts";
import { runCommand } from "../support/command.ts";

const [moto, dynamoDb] = await Promise.all([
  startOrExplain("moto's server", startMoto),
  startOrExplain("DynamoDB Local", startDynamoDbLocal),
]);
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-admin-"));
});
afterAll(async () => {
  await Promise.all([moto.close(), dynamoDb.close(), rm(home, { recursive: true })]);
});

const admin = (words: string[], environment: Record<string, string> = {}) =>
  runCommand(["admin", "token", ...words], { home, environment });

it("asks for the region when nothing names it", async () => {
  expect(await admin(["--stage", "dev"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--region eu-central-1"),
  });
});

it.each([
  ["--workspace", "My Team", "must be 1 to 64 lower-case letters, digits and hyphens"],
  ["--name", "a/b", "must be 1 to 64 letters"],
  ["--days", "5000", "must be at most 3650 days"],
])("refuses %s %j before it looks for the deployment", async (option, value, why) => {
  const refused = await admin(["--stage", "dev", option, value], { AWS_REGION: "eu-central-1" });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(why) });
});

it.skipIf(moto.endpoint === undefined || dynamoDb.endpoint === undefined)(
  "makes a token that the deployment knows, and says where to log in",
  async () => {
    const environment = {
      AWS_REGION: standInSettings.region,
      AWS_ACCESS_KEY_ID: "testing",
      AWS_SECRET_ACCESS_KEY: "testing",
      AWS_ENDPOINT_URL_SSM: moto.endpoint ?? "",
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint ?? "",
    };
    expect(await admin(["--stage", "dev"], environment)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("npx sst deploy --stage dev"),
    });
    const client = dynamoDbClient({ ...standInSettings, endpoint: dynamoDb.endpoint ?? "" });
    await createTestTable(client, "admin");
    const deployment = {
      apiUrl: "https://api.example",
      tableName: "admin",
      region: standInSettings.region,
    };
    await ssmClient({ ...standInSettings, endpoint: moto.endpoint ?? "" }).send(
      new PutParameterCommand({
        Name: deploymentParameter("dev"),
        Value: JSON.stringify(deployment),
        Type: "String",
      }),
    );
    const made = await admin(["--stage", "dev", "--name", "ada"], environment);
    expect(made).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("benchgen login https://api.example"),
    });
    const cursors = createCursorCodec(new Uint8Array(32));
    const table = createTable({ client, tableName: "admin", cursors });
    expect(await authenticate({ table, clock: systemClock }, made.stdout.trim())).toMatchObject({
      workspace: "main",
      name: "ada",
      scope: "admin",
    });
  },
);

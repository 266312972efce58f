import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { indexAttributes } from "@benchgen/core/port/item.ts";
import { cached, run, startServer } from "./stand-in.ts";
import type { StandIn } from "./stand-in.ts";

const version = "2.6.1";

/** Amazon's own DynamoDB for tests, in memory. Needs Java 17 and, the first time, Maven and the network. */
export async function startDynamoDbLocal(): Promise<StandIn> {
  await run("java", ["-version"]);
  const directory = await cached(`dynamodb-local-${version}`, download);
  const jars = readdirSync(directory).filter((name) => name.endsWith(".jar"));
  return startServer((port) => ({
    command: "java",
    args: [
      `-Djava.library.path=${directory}`,
      "-Xmx512m",
      "-cp",
      jars.map((name) => join(directory, name)).join(":"),
      "com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
      "-inMemory",
      "-disableTelemetry",
      "-port",
      String(port),
    ],
    cwd: directory,
  }));
}

async function download(directory: string): Promise<void> {
  const pom = join(directory, "pom.xml");
  writeFileSync(
    pom,
    `<project><modelVersion>4.0.0</modelVersion>
      <groupId>benchgen</groupId><artifactId>stand-in</artifactId><version>1</version><packaging>pom</packaging>
      <dependencies><dependency>
        <groupId>com.amazonaws</groupId><artifactId>DynamoDBLocal</artifactId><version>${version}</version>
      </dependency></dependencies></project>`,
  );
  const copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${directory}`];
  await run("mvn", ["--quiet", "--batch-mode", "--file", pom, ...copy]);
}

/** A table as the adapter expects it. */
export async function createTestTable(client: DynamoDBClient, tableName: string): Promise<void> {
  const indexes = Object.entries(indexAttributes);
  const names = ["pk", "sk", ...indexes.flatMap(([, { pk, sk }]) => [pk, sk])];
  const schema = (pk: string, sk: string) => [
    { AttributeName: pk, KeyType: "HASH" as const },
    { AttributeName: sk, KeyType: "RANGE" as const },
  ];
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: schema("pk", "sk"),
      GlobalSecondaryIndexes: indexes.map(([IndexName, { pk, sk }]) => ({
        IndexName,
        KeySchema: schema(pk, sk),
        Projection: { ProjectionType: "ALL" },
      })),
    }),
  );
}

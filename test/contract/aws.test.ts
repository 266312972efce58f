import { afterAll, it } from "vitest";
import { dynamoDbClient } from "@benchgen/aws/client.ts";
import { createTable } from "@benchgen/aws/table/table.ts";
import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import { createTestTable, startDynamoDbLocal } from "../support/aws/dynamodb-local.ts";
import { standInSettings, startOrExplain } from "../support/aws/stand-in.ts";
import { tableContract } from "./table.contract.ts";

const dynamoDb = await startOrExplain(startDynamoDbLocal);
afterAll(() => dynamoDb.close());

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

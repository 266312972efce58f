import { expect, it } from "vitest";
import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import type { Table, WriteOperation } from "@benchgen/core/ports.ts";
import { dynamoDbClient } from "../client.ts";
import { serveAnswers } from "../fixture.ts";
import type { Answer } from "../fixture.ts";
import { createTable } from "./table.ts";

const key = { pk: "a", sk: "b" };
const count: WriteOperation = { kind: "update", key, add: { used: 1 } };
const cursors = createCursorCodec(Buffer.alloc(32));

async function tableAnswered(answers: readonly Answer[]) {
  const aws = await serveAnswers(answers);
  const client = dynamoDbClient(aws.settings);
  const table: Table = createTable({ client, tableName: "table", cursors });
  return { table, requests: aws.requests, close: aws.close };
}

function cancelled(Code: string): Answer {
  return { status: 400, body: { __type: "TransactionCanceledException", CancellationReasons: [{ Code }] } };
}

it("tries a write again that met another, under the same token, so that it happens once", async () => {
  const conflict = cancelled("TransactionConflict");
  const { table, requests, close } = await tableAnswered([conflict, conflict, { status: 200, body: {} }]);
  await table.write([count]);
  expect(requests).toHaveLength(3);
  expect(new Set(requests.map(({ ClientRequestToken }) => ClientRequestToken)).size).toBe(1);
  close();
});

it("does not try again what will not succeed", async () => {
  const { table, requests, close } = await tableAnswered([cancelled("ConditionalCheckFailed")]);
  await expect(table.write([count])).rejects.toMatchObject({ name: "ConditionFailed", failed: [0] });
  expect(requests).toHaveLength(1);
  close();
});

it("makes a write without conditions a plain one, at half the price, unless doing it twice would show", async () => {
  const { table, requests, close } = await tableAnswered([{ status: 200, body: {} }]);
  await table.write([{ kind: "put", item: key }]);
  await table.write([{ kind: "delete", key }]);
  await table.write([count]);
  await table.write([{ kind: "put", item: key, conditions: [{ kind: "absent" }] }]);
  expect(requests.map((request) => "TransactItems" in request)).toEqual([false, false, true, true]);
  close();
});

it("calls what DynamoDB does not do the platform's fault, and says what it said", async () => {
  const answer = { status: 400, body: { __type: "AccessDeniedException", message: "not allowed" } };
  const { table, close } = await tableAnswered([answer]);
  await expect(table.get(key)).rejects.toMatchObject({
    name: "PlatformFault",
    code: "aws_failed",
    message: expect.stringContaining("not allowed") as string,
  });
  close();
});

import { randomUUID } from "node:crypto";
import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDBClient, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { PlatformFault } from "@benchgen/core/error.ts";
import type { CursorCodec } from "@benchgen/core/port/cursor.ts";
import { assertKey } from "@benchgen/core/port/item.ts";
import { assertOperations } from "@benchgen/core/port/operation.ts";
import { scanScope } from "@benchgen/core/port/range.ts";
import type { Item, Json, Page, Query, Scan, Table } from "@benchgen/core/ports.ts";
import { backoff } from "../backoff.ts";
import { calling, faultOf } from "../fault.ts";
import { itemOf } from "./attribute.ts";
import { verdictOf } from "./cancellation.ts";
import { isWithin, orderOf, queryInput, scopeOf } from "./query.ts";
import { keyAttributes, transactItems } from "./request.ts";
import { scanInput } from "./scan.ts";

const service = "DynamoDB";
/** With the delays between them about eight seconds: writes that meet on one item are over sooner. */
const writeAttempts = 14;

export interface TableOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly cursors: CursorCodec;
}

/** The single table in DynamoDB. */
export function createTable(options: TableOptions): Table {
  const { client, tableName } = options;
  return {
    async get(key) {
      assertKey(key);
      const request = new GetItemCommand({
        TableName: tableName,
        Key: keyAttributes(key),
        ConsistentRead: true,
      });
      const { Item } = await calling(service, () => client.send(request));
      return Item === undefined ? undefined : itemOf(Item);
    },

    query: (query) => readPage(options, query),

    scan: (scan) => scanPage(options, scan),

    async write(operations) {
      assertOperations(operations);
      const items = transactItems(tableName, operations);
      // The same token for every attempt: one that went through although its answer was lost is not done again.
      const token = randomUUID();
      for (let attempt = 1; ; attempt++) {
        try {
          return await send(client, items, token);
        } catch (error) {
          const verdict = verdictOf(error, operations);
          if (!verdict.retry) throw faultOf(service, verdict.error);
          if (attempt === writeAttempts) throw contended(error);
          await backoff(attempt);
        }
      }
    },
  };
}

async function send(client: DynamoDBClient, items: TransactWriteItem[], token: string): Promise<void> {
  const single = items.length === 1 ? items[0]! : {};
  // Without a condition, once or twice is the same, and half the price of a transaction.
  if (single.Put !== undefined && single.Put.ConditionExpression === undefined) {
    await client.send(new PutItemCommand(single.Put));
  } else if (single.Delete !== undefined && single.Delete.ConditionExpression === undefined) {
    await client.send(new DeleteItemCommand(single.Delete));
  } else {
    await client.send(new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: token }));
  }
}

function contended(cause: unknown): PlatformFault {
  return new PlatformFault("table_contended", "Other writes were in the way of this one for too long.", {
    hint: "Nothing was written. Try again.",
    cause,
  });
}

async function readPage({ client, tableName, cursors }: TableOptions, query: Query): Promise<Page<Item>> {
  const scope = scopeOf(query);
  const after = query.cursor === undefined ? undefined : cursors.decode(scope, query.cursor);
  const input = queryInput(tableName, query, after);
  if (input === undefined) return { items: [] };
  const { Items = [], LastEvaluatedKey } = await calling(service, () => client.send(new QueryCommand(input)));
  const { order } = orderOf(query.index);
  const found = Items.map(itemOf).filter((item) => isWithin(query.range, item[order[0]!]));
  const items = found.slice(0, input.Limit! - 1);
  // A page may end early, by its bytes: then only DynamoDB knows where.
  const last = found.length > items.length ? items.at(-1) : LastEvaluatedKey && itemOf(LastEvaluatedKey);
  if (last === undefined) return { items };
  return {
    items,
    cursor: cursors.encode(
      scope,
      order.map((name) => textOf(last[name])),
    ),
  };
}

async function scanPage({ client, tableName, cursors }: TableOptions, scan: Scan): Promise<Page<Item>> {
  const scope = scanScope(scan);
  const after = scan.cursor === undefined ? undefined : cursors.decode(scope, scan.cursor);
  const request = new ScanCommand(scanInput(tableName, scan, after));
  const { Items = [], LastEvaluatedKey } = await calling(service, () => client.send(request));
  const items = Items.map(itemOf);
  if (LastEvaluatedKey === undefined) return { items };
  const { pk, sk } = itemOf(LastEvaluatedKey);
  return { items, cursor: cursors.encode(scope, [pk, sk]) };
}

/** Keys are always text. */
function textOf(key: Json | undefined): string {
  return typeof key === "string" ? key : "";
}

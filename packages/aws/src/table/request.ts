import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { assertAttribute, assertTransactionBytes, serializeItem } from "@benchgen/core/port/item.ts";
import type { Key, WriteOperation } from "@benchgen/core/ports.ts";
import { attributesOf } from "./attribute.ts";
import type { Attributes } from "./attribute.ts";
import { conditionExpression, Placeholders, updateExpression } from "./expression.ts";

/**
 * The operations as one transaction.
 * @throws InvalidInput `key_invalid`, `item_invalid`, `item_too_large`, `write_too_large`, as far as it shows without
 *   what is stored: the size of an updated item is DynamoDB's to measure
 */
export function transactItems(tableName: string, operations: readonly WriteOperation[]): TransactWriteItem[] {
  let total = 0;
  const items = operations.map((operation) => {
    if (operation.kind === "put") total += serializeItem(operation.item).bytes;
    return transactItem(tableName, operation);
  });
  assertTransactionBytes(total);
  return items;
}

function transactItem(TableName: string, operation: WriteOperation): TransactWriteItem {
  const placeholders = new Placeholders();
  const ConditionExpression = conditionExpression(operation.conditions ?? [], placeholders);
  const conditional = {
    TableName,
    ...(ConditionExpression === undefined ? {} : { ConditionExpression }),
  };
  switch (operation.kind) {
    case "put":
      return { Put: { ...conditional, Item: attributesOf(operation.item), ...placeholders.members } };
    case "delete":
      return { Delete: { ...conditional, Key: keyAttributes(operation.key), ...placeholders.members } };
    case "update": {
      const changed = { ...operation.set, ...operation.add };
      for (const [name, value] of Object.entries(changed)) assertAttribute(name, value);
      const UpdateExpression = updateExpression(operation, placeholders);
      const update = { ...conditional, Key: keyAttributes(operation.key), UpdateExpression };
      return { Update: { ...update, ...placeholders.members } };
    }
    case "check":
    default:
      return {
        ConditionCheck: {
          TableName,
          Key: keyAttributes(operation.key),
          // A check of nothing always holds.
          ConditionExpression: ConditionExpression ?? alwaysTrue(placeholders),
          ...placeholders.members,
        },
      };
  }
}

function alwaysTrue(placeholders: Placeholders): string {
  const key = placeholders.name("pk");
  return `attribute_exists(${key}) OR attribute_not_exists(${key})`;
}

export function keyAttributes({ pk, sk }: Key): Attributes {
  return attributesOf({ pk, sk });
}

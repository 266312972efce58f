import type { QueryCommandInput } from "@aws-sdk/client-dynamodb";
import { assertKey, indexAttributes } from "@benchgen/core/port/item.ts";
import { pageLimit } from "@benchgen/core/port/range.ts";
import type { Query } from "@benchgen/core/ports.ts";
import { attributeOf } from "./attribute.ts";
import { Placeholders } from "./expression.ts";

/** What a position in the query's order is made of; the last ones tell apart items with equal index keys. */
export function orderOf(index: Query["index"]): { partition: string; order: readonly string[] } {
  if (index === undefined) return { partition: "pk", order: ["sk"] };
  const { pk, sk } = indexAttributes[index];
  return { partition: pk, order: [sk, "pk", "sk"] };
}

/** The question a cursor belongs to. */
export function scopeOf({ index, pk, range, reverse = false }: Query): string {
  return JSON.stringify(["table", index ?? "table", pk, range ?? null, reverse]);
}

/**
 * The query as DynamoDB takes it; undefined when nothing can be in its range.
 * @param after a position that `orderOf` describes
 * @throws InvalidInput `limit_invalid`, `key_invalid`
 */
export function queryInput(
  TableName: string,
  query: Query,
  after: readonly string[] | undefined,
): QueryCommandInput | undefined {
  const limit = pageLimit(query.limit);
  assertBounds(query);
  const { partition, order } = orderOf(query.index);
  const placeholders = new Placeholders();
  const own = `${placeholders.name(partition)} = ${placeholders.value(query.pk)}`;
  const sort = sortClause(order[0]!, query.range, placeholders);
  if (sort === null) return undefined;
  return {
    TableName,
    ...(query.index === undefined ? { ConsistentRead: true } : { IndexName: query.index }),
    KeyConditionExpression: sort === undefined ? own : `${own} AND ${sort}`,
    ...placeholders.members,
    ScanIndexForward: query.reverse !== true,
    // One more than asked for: whether there is one decides whether there is a cursor.
    Limit: limit + 1,
    ...(after === undefined
      ? {}
      : {
          ExclusiveStartKey: {
            [partition]: attributeOf(query.pk),
            ...Object.fromEntries(order.map((name, index) => [name, attributeOf(after[index]!)])),
          },
        }),
  };
}

/** Whether a sort key is within the range's upper end: DynamoDB's BETWEEN includes it, the port's `before` does not. */
export function isWithin(range: Query["range"], sortKey: unknown): boolean {
  return range === undefined || "prefix" in range || range.before === undefined || sortKey !== range.before;
}

/** DynamoDB takes one clause on the sort key, and no empty text in it. Null when nothing is in the range. */
function sortClause(
  attribute: string,
  range: Query["range"],
  placeholders: Placeholders,
): string | null | undefined {
  if (range === undefined) return undefined;
  if ("prefix" in range) {
    return range.prefix === ""
      ? undefined
      : `begins_with(${placeholders.name(attribute)}, ${placeholders.value(range.prefix)})`;
  }
  const { from = "", before } = range;
  if (before !== undefined && Buffer.compare(Buffer.from(from), Buffer.from(before)) >= 0) return null;
  if (from === "" && before === undefined) return undefined;
  const name = placeholders.name(attribute);
  if (before === undefined) return `${name} >= ${placeholders.value(from)}`;
  if (from === "") return `${name} < ${placeholders.value(before)}`;
  return `${name} BETWEEN ${placeholders.value(from)} AND ${placeholders.value(before)}`;
}

function assertBounds({ pk, range = {} }: Query): void {
  const bounds = "prefix" in range ? [range.prefix] : [range.from, range.before];
  assertKey({ pk, sk: "any" });
  for (const bound of bounds) if (bound !== undefined && bound !== "") assertKey({ pk, sk: bound });
}

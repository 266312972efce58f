import { expect, it } from "vitest";
import type { Query } from "@benchgen/core/ports.ts";
import { isWithin, queryInput } from "./query.ts";

function sortClauseOf(range: NonNullable<Query["range"]>): string | undefined {
  return queryInput("table", { pk: "p", range }, undefined)?.KeyConditionExpression?.split(" AND #n1 ")[1];
}

it("puts every range into the one clause on the sort key that DynamoDB takes", () => {
  expect(sortClauseOf({ from: "a" })).toBe(">= :v1");
  expect(sortClauseOf({ before: "b" })).toBe("< :v1");
  expect(sortClauseOf({ from: "a", before: "b" })).toBe("BETWEEN :v1 AND :v2");
  expect(isWithin({ from: "a", before: "b" }, "b")).toBe(false);
});

it("asks for a whole partition when the range is open or empty text, which DynamoDB does not take", () => {
  for (const range of [{ prefix: "" }, { from: "" }, {}]) {
    const input = queryInput("table", { pk: "p", range }, undefined);
    expect(input?.KeyConditionExpression).toBe("#n0 = :v0");
  }
});

it("asks for nothing where a range holds nothing", () => {
  for (const range of [{ from: "b", before: "a" }, { from: "a", before: "a" }, { before: "" }]) {
    expect(queryInput("table", { pk: "p", range }, undefined)).toBeUndefined();
  }
});

it("reads the table strongly consistent, an index as it is", () => {
  expect(queryInput("table", { pk: "p" }, undefined)).toMatchObject({ ConsistentRead: true });
  const indexed = queryInput("table", { index: "gsi1", pk: "p" }, ["s", "a", "b"]);
  expect(indexed).not.toHaveProperty("ConsistentRead");
  expect(indexed?.ExclusiveStartKey).toEqual({
    gsi1pk: { S: "p" },
    gsi1sk: { S: "s" },
    pk: { S: "a" },
    sk: { S: "b" },
  });
});

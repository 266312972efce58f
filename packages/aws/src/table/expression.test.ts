import { expect, it } from "vitest";
import { conditionExpression, Placeholders, updateExpression } from "./expression.ts";

it("names attributes and values by placeholders, an attribute once", () => {
  const placeholders = new Placeholders();
  const expression = conditionExpression(
    [
      { kind: "exists" },
      { kind: "equals", attribute: "status", value: "queued" },
      { kind: "below", attribute: "used.today", value: 3 },
      { kind: "missing", attribute: "status" },
    ],
    placeholders,
  );
  expect(expression).toBe(
    "(attribute_exists(#n0)) AND (#n1 = :v0) AND (attribute_not_exists(#n2) OR #n2 < :v1)" +
      " AND (attribute_not_exists(#n1))",
  );
  expect(placeholders.members).toEqual({
    ExpressionAttributeNames: { "#n0": "pk", "#n1": "status", "#n2": "used.today" },
    ExpressionAttributeValues: { ":v0": { S: "queued" }, ":v1": { N: "3" } },
  });
});

it("splits a choice among more values than IN takes", () => {
  const values = Array.from({ length: 150 }, (_, index) => index);
  const expression = conditionExpression([{ kind: "oneOf", attribute: "n", values }], new Placeholders())!;
  expect(expression.split(" OR ").map((group) => group.split(", ").length)).toEqual([100, 50]);
});

it("asks for nothing when there are no conditions, and names nothing it does not use", () => {
  const placeholders = new Placeholders();
  expect(conditionExpression([], placeholders)).toBeUndefined();
  expect(placeholders.members).toEqual({});
});

it("writes an update as one expression, and one that changes nothing as one without effect", () => {
  const update = { set: { name: "x" }, add: { used: 1 }, remove: ["gone", "too"] };
  expect(updateExpression(update, new Placeholders())).toBe("SET #n0 = :v0 ADD #n1 :v1 REMOVE #n2, #n3");
  expect(updateExpression({}, new Placeholders())).toMatch(/^REMOVE #n0$/);
});

import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { ConditionFailed } from "@benchgen/core/ports.ts";
import type { WriteOperation } from "@benchgen/core/ports.ts";
import { verdictOf } from "./cancellation.ts";

const operations: WriteOperation[] = [
  { kind: "put", item: { pk: "a", sk: "1" } },
  { kind: "update", key: { pk: "a", sk: "2" }, add: { used: 1 } },
];

function cancelled(...reasons: { Code: string; Message?: string }[]): TransactionCanceledException {
  return new TransactionCanceledException({ message: "", $metadata: {}, CancellationReasons: reasons });
}

it("names the positions of all conditions that failed", () => {
  const error = cancelled({ Code: "ConditionalCheckFailed" }, { Code: "ConditionalCheckFailed" });
  const verdict = verdictOf(error, operations);
  expect(verdict).toEqual({ retry: false, error: new ConditionFailed([0, 1]) });
});

it.each(["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])(
  "tries again after %s, also when a condition failed besides: not all of them are known then",
  (Code) => {
    expect(verdictOf(cancelled({ Code }, { Code: "None" }), operations)).toEqual({ retry: true });
    expect(verdictOf(cancelled({ Code: "ConditionalCheckFailed" }, { Code }), operations)).toEqual({
      retry: true,
    });
  },
);

it("tells what is wrong with an update that only the store can judge", () => {
  const none = { Code: "None" };
  const large = "Item size to update has exceeded the maximum allowed size";
  const text = "An operand in the update expression has an incorrect data type";
  expect(verdictOf(cancelled(none, { Code: "ValidationError", Message: large }), operations)).toMatchObject({
    error: { code: "item_too_large" },
  });
  expect(verdictOf(cancelled(none, { Code: "ValidationError", Message: text }), operations)).toMatchObject({
    error: { code: "write_invalid" },
  });
});

it("leaves everything else as it is", () => {
  const error = new Error("no such table");
  expect(verdictOf(error, operations)).toEqual({ retry: false, error });
});

import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { itemTooLarge } from "@benchgen/core/port/item.ts";
import { keyOf, notNumeric } from "@benchgen/core/port/operation.ts";
import { ConditionFailed } from "@benchgen/core/ports.ts";
import type { WriteOperation } from "@benchgen/core/ports.ts";
import { isError } from "../fault.ts";

/** What DynamoDB says of one operation of a cancelled transaction, in the order of the operations. */
interface Reason {
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
}

/** Somebody else was in the way, or there was too much to do: the same write may go through a moment later. */
const passing = [
  "TransactionConflict",
  "ProvisionedThroughputExceeded",
  "ThrottlingError",
  "RequestLimitExceeded",
];
const passingErrors = [
  "TransactionInProgressException",
  "TransactionConflictException",
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
];

export type Verdict = { readonly retry: true } | { readonly retry: false; readonly error: unknown };

/**
 * What a failed write means. Pure.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
export function verdictOf(error: unknown, operations: readonly WriteOperation[]): Verdict {
  if (isError(error, ...passingErrors)) return { retry: true };
  if (error instanceof TransactionCanceledException) {
    return cancelled(error, error.CancellationReasons ?? [], operations);
  }
  if (isError(error, "ValidationException")) return { retry: false, error: refusal(error, operations) };
  return { retry: false, error };
}

function cancelled(
  error: unknown,
  reasons: readonly Reason[],
  operations: readonly WriteOperation[],
): Verdict {
  // A condition on what is being written is not known yet: only a quiet moment tells all that failed.
  if (reasons.some(({ Code }) => Code !== undefined && passing.includes(Code))) return { retry: true };
  const failed = reasons.flatMap(({ Code }, index) => (Code === "ConditionalCheckFailed" ? [index] : []));
  if (failed.length > 0) return { retry: false, error: new ConditionFailed(failed) };
  const invalid = reasons.findIndex(({ Code }) => Code === "ValidationError");
  const operation = operations[invalid];
  if (operation === undefined) return { retry: false, error };
  return { retry: false, error: refusal(reasons[invalid]?.Message, [operation]) ?? error };
}

/** Validation that needs what is stored: a size, and the type of what is added to. */
function refusal(said: unknown, operations: readonly WriteOperation[]): unknown {
  const message = said instanceof Error ? said.message : String(said);
  const update = operations.find(({ kind }) => kind === "update") ?? operations[0];
  if (update === undefined) return said;
  if (/item size/i.test(message)) return itemTooLarge(keyOf(update));
  if (/incorrect data type|type mismatch|overflow|underflow/i.test(message) && update.kind === "update") {
    return notNumeric(Object.keys(update.add ?? {}).join('", "'));
  }
  return said instanceof Error ? said : undefined;
}

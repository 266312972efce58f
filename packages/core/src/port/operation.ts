import { InvalidInput } from "../error.ts";
import { maxWriteOperations } from "../ports.ts";
import type { Key, WriteOperation } from "../ports.ts";
import { assertKey } from "./item.ts";

type Update = WriteOperation & { kind: "update" };

export function keyOf(operation: WriteOperation): Key {
  return operation.kind === "put" ? operation.item : operation.key;
}

/** @throws InvalidInput `write_invalid`, `key_invalid` when the list breaks the port's rules, whatever is stored */
export function assertOperations(operations: readonly WriteOperation[]): void {
  if (operations.length < 1 || operations.length > maxWriteOperations) {
    throw invalid(`A write takes 1 to ${maxWriteOperations} operations, not ${operations.length}.`);
  }
  const seen = new Set<string>();
  for (const operation of operations) {
    const { pk, sk } = keyOf(operation);
    assertKey({ pk, sk });
    const key = JSON.stringify([pk, sk]);
    if (seen.has(key)) throw invalid(`Two operations of one write are on the item ${key}.`);
    seen.add(key);
    if (operation.kind === "update") assertUpdate(operation);
  }
}

function assertUpdate(update: Update): void {
  const names = [
    ...Object.keys(update.set ?? {}),
    ...Object.keys(update.add ?? {}),
    ...(update.remove ?? []),
  ];
  const seen = new Set<string>();
  for (const name of names) {
    if (name === "pk" || name === "sk") throw invalid(`An update cannot change the key attribute ${name}.`);
    if (seen.has(name)) throw invalid(`The attribute "${name}" appears twice in one update.`);
    seen.add(name);
  }
}

/** An `add` met something else than a number. */
export function notNumeric(attribute: string): InvalidInput {
  return invalid(`Cannot add to the attribute "${attribute}": it holds no number.`);
}

function invalid(message: string): InvalidInput {
  return new InvalidInput("write_invalid", message);
}

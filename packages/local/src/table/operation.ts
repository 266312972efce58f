import { InvalidInput } from "@benchgen/core/error.ts";
import { maxWriteOperations } from "@benchgen/core/ports.ts";
import type { Condition, Item, Json, Key, WriteOperation } from "@benchgen/core/ports.ts";
import { assertKey } from "./item.ts";

type Update = WriteOperation & { kind: "update" };

export function keyOf(operation: WriteOperation): Key {
  return operation.kind === "put" ? operation.item : operation.key;
}

/** Whether the stored item (or its absence) satisfies the condition. Types are never converted. */
export function holds(condition: Condition, stored: Item | undefined): boolean {
  switch (condition.kind) {
    case "absent":
      return stored === undefined;
    case "missing":
      return attribute(stored, condition.attribute) === undefined;
    case "equals":
      return attribute(stored, condition.attribute) === condition.value;
    case "oneOf":
      return condition.values.some((value) => value === attribute(stored, condition.attribute));
    case "below": {
      const value = attribute(stored, condition.attribute);
      return value === undefined || (typeof value === "number" && value < condition.value);
    }
    case "exists":
    default:
      return stored !== undefined;
  }
}

/** The item after the operation; undefined when there is none. @throws InvalidInput `write_invalid` */
export function applied(operation: WriteOperation, stored: Item | undefined): Item | undefined {
  switch (operation.kind) {
    case "put":
      return operation.item;
    case "delete":
      return undefined;
    case "update":
      return updated(operation, stored);
    case "check":
    default:
      return stored;
  }
}

function updated({ key, set = {}, add = {}, remove = [] }: Update, stored: Item | undefined): Item {
  // A map, not assignments: an attribute may be called `__proto__`.
  const attributes = new Map<string, Json>(Object.entries(stored ?? { pk: key.pk, sk: key.sk }));
  for (const [name, value] of Object.entries(set)) attributes.set(name, value);
  for (const [name, value] of Object.entries(add)) attributes.set(name, sum(name, attributes, value));
  for (const name of remove) attributes.delete(name);
  return Object.fromEntries(attributes) as Item;
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

function sum(name: string, attributes: ReadonlyMap<string, Json>, addend: number): number {
  const stored = attributes.get(name) ?? (attributes.has(name) ? null : 0);
  if (typeof stored !== "number") {
    throw invalid(`Cannot add to the attribute "${name}": it holds no number.`);
  }
  return stored + addend;
}

function attribute(stored: Item | undefined, name: string): Json | undefined {
  return stored !== undefined && Object.hasOwn(stored, name) ? stored[name] : undefined;
}

function invalid(message: string): InvalidInput {
  return new InvalidInput("write_invalid", message);
}

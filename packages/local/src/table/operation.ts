import { notNumeric } from "@benchgen/core/port/operation.ts";
import type { Condition, Item, Json, WriteOperation } from "@benchgen/core/ports.ts";

type Update = WriteOperation & { kind: "update" };

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

function sum(name: string, attributes: ReadonlyMap<string, Json>, addend: number): number {
  const stored = attributes.get(name) ?? (attributes.has(name) ? null : 0);
  if (typeof stored !== "number") {
    throw notNumeric(name);
  }
  return stored + addend;
}

function attribute(stored: Item | undefined, name: string): Json | undefined {
  return stored !== undefined && Object.hasOwn(stored, name) ? stored[name] : undefined;
}

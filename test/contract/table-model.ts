import { ConditionFailed } from "@benchgen/core/ports.ts";
import type { Condition, Item, Json, Key, Query, WriteOperation } from "@benchgen/core/ports.ts";

/** The table's contract as the plainest program that satisfies it: a list of items, sorted when asked. */
export class TableModel {
  #items: Item[] = [];

  get(key: Key): Item | undefined {
    return this.#items.find((item) => item.pk === key.pk && item.sk === key.sk);
  }

  write(operations: readonly WriteOperation[]): void {
    const failed = operations.flatMap((operation, position) => {
      const item = this.get(targetOf(operation));
      return (operation.conditions ?? []).every((condition) => satisfied(condition, item)) ? [] : [position];
    });
    if (failed.length > 0) throw new ConditionFailed(failed);
    for (const operation of operations) {
      const { pk, sk } = targetOf(operation);
      const item = this.get({ pk, sk });
      if (operation.kind === "check") continue;
      this.#items = this.#items.filter((other) => other !== item);
      if (operation.kind === "put") this.#items.push(operation.item);
      if (operation.kind !== "update") continue;
      const next: Record<string, Json> = { ...(item ?? { pk, sk }), ...operation.set };
      for (const [name, value] of Object.entries(operation.add ?? {})) {
        next[name] = ((next[name] as number | undefined) ?? 0) + value;
      }
      for (const name of operation.remove ?? []) delete next[name];
      this.#items.push(next as Item);
    }
  }

  /** Everything the query would return, page after page. */
  query(query: Query): Item[] {
    const [partition, sort] =
      query.index === undefined ? ["pk", "sk"] : [`${query.index}pk`, `${query.index}sk`];
    const found = this.#items
      .filter((item) => item[partition] === query.pk && typeof item[sort] === "string")
      .filter((item) => within(item[sort] as string, query.range))
      .sort((a, b) => bytewise(a[sort] as string, b[sort] as string));
    return query.reverse === true ? found.reverse() : found;
  }
}

function targetOf(operation: WriteOperation): Key {
  return operation.kind === "put" ? operation.item : operation.key;
}

function satisfied(condition: Condition, item: Item | undefined): boolean {
  if (condition.kind === "exists") return item !== undefined;
  if (condition.kind === "absent") return item === undefined;
  const value = item?.[condition.attribute];
  if (condition.kind === "missing") return value === undefined;
  if (condition.kind === "equals") return value === condition.value;
  if (condition.kind === "oneOf") return condition.values.includes(value as string);
  return value === undefined || (typeof value === "number" && value < condition.value);
}

function within(text: string, range: Query["range"]): boolean {
  if (range === undefined) return true;
  if ("prefix" in range) return text.startsWith(range.prefix);
  const aboveFrom = range.from === undefined || bytewise(text, range.from) >= 0;
  return aboveFrom && (range.before === undefined || bytewise(text, range.before) < 0);
}

export function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

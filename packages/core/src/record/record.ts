import type * as z from "zod";
import type { Item, Json, Key, Table } from "../ports.ts";

/** Where else an item appears. */
export interface IndexEntries {
  readonly gsi1?: { readonly pk: string; readonly sk: string };
  readonly gsi2?: { readonly pk: string; readonly sk: string };
}

/** A record as the table stores it: keys, index keys and attributes side by side, nothing undefined. */
export function toItem(key: Key, record: object, indexes: IndexEntries = {}): Item {
  return { ...toAttributes(record), ...indexAttributes(indexes), ...key };
}

/** Attributes for an update's `set`; undefined values are left out. */
export function toAttributes(record: object): { [attribute: string]: Json } {
  // The round trip drops undefined at every depth, as the table demands.
  return JSON.parse(JSON.stringify(record)) as { [attribute: string]: Json };
}

/** The attributes that place an item in its indexes. */
function indexAttributes(indexes: IndexEntries): { [attribute: string]: string } {
  return {
    ...(indexes.gsi1 ? { gsi1pk: indexes.gsi1.pk, gsi1sk: indexes.gsi1.sk } : {}),
    ...(indexes.gsi2 ? { gsi2pk: indexes.gsi2.pk, gsi2sk: indexes.gsi2.sk } : {}),
  };
}

/** Reads and checks one record; undefined when there is none. */
export async function readRecord<T>(
  table: Pick<Table, "get">,
  key: Key,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const item = await table.get(key);
  return item === undefined ? undefined : schema.parse(item);
}

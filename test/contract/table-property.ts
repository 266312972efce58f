import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { expect, vi } from "vitest";
import { ConditionFailed } from "@benchgen/core/ports.ts";
import type { Item, Query, Table } from "@benchgen/core/ports.ts";
import { inPartition, query as anyQuery, writes as anyWrites } from "./table-arbitrary.ts";
import { bytewise, TableModel } from "./table-model.ts";

/**
 * Does the same random writes to the table and to the model, and expects the same outcomes and the same answers.
 * @param options.lag how long an index may take to show a write
 */
export async function expectLikeModel(
  table: Table,
  options: { runs: number; lag: { timeout: number; interval: number } },
): Promise<void> {
  const queries = fc.array(anyQuery, { minLength: 5, maxLength: 10 });
  const property = fc.asyncProperty(anyWrites, queries, async (writes, queries) => {
    const prefix = `test#${randomUUID()}`;
    const model = new TableModel();
    for (const operations of writes) {
      const moved = operations.map((operation) => inPartition(prefix, operation));
      const outcome = await failedIn(() => table.write(moved));
      expect(outcome).toEqual(await failedIn(async () => model.write(moved)));
    }
    for (const query of queries.map((query) => ({ ...query, pk: prefix + query.pk }))) {
      const expected = unordered(query, model.query(query));
      await vi.waitFor(async () => {
        expect(unordered(query, await everyPage(table, query))).toEqual(expected);
      }, options.lag);
    }
  });
  await fc.assert(property, { numRuns: options.runs });
}

/** All items of a query, page by page. */
export async function everyPage(table: Table, query: Query): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await table.query(cursor === undefined ? query : { ...query, cursor });
    expect(page.items.length).toBeLessThanOrEqual(query.limit ?? 100);
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items;
}

/** Items of equal index keys may come in any order: compare them sorted by their own keys as well. */
function unordered(query: Query, items: readonly Item[]): Item[] {
  if (query.index === undefined) return [...items];
  const sort = `${query.index}sk`;
  const groups = Map.groupBy(items, (item) => item[sort]);
  return [...groups.values()].flatMap((group) =>
    group.sort((a, b) => bytewise(`${a.pk}\n${a.sk}`, `${b.pk}\n${b.sk}`)),
  );
}

/** The operations of a write whose conditions failed. */
async function failedIn(write: () => Promise<void>): Promise<readonly number[]> {
  try {
    await write();
    return [];
  } catch (error) {
    if (error instanceof ConditionFailed) return error.failed;
    throw error;
  }
}

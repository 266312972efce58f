/** Removes what the checks made: the API keeps what it has, so this goes to the stores. */
import type { Blobs, Key, Table } from "@benchgen/core/ports.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import type { LiveContext } from "./check.ts";

/** Columns of the checks' leaderboards. */
const columns = 2;

/**
 * Deletes the environments and runs, their boards and files. Content that others may share by its hash stays.
 * @param workspace that nothing else uses
 */
export async function cleanUp(
  stores: { readonly table: Table; readonly blobs: Blobs | undefined },
  { made }: Pick<LiveContext, "made">,
  workspace: string,
): Promise<void> {
  const { table, blobs } = stores;
  const boards = new Set<string>();
  for (const run of made.runs) {
    const rows = await keysOf(table, { pk: `BOARDRUN#${run}` });
    for (const { sk } of rows) if (sk.startsWith("ROW#")) boards.add(sk.slice("ROW#".length));
  }
  const partitions = [
    ...[...made.runs].flatMap((run) => [`RUN#${run}`, `BOARDRUN#${run}`]),
    ...[...made.environments].map((environment) => `ENV#${environment}`),
    ...[...boards].flatMap((board) => [
      `BOARD#${board}`,
      ...Array.from({ length: columns }, (_, column) => `BOARD#${board}#BY#${column}`),
    ]),
  ];
  const names = await keysOf(table, { index: "gsi1", pk: `WS#${workspace}#ENV` });
  const tokens = await keysOf(table, { index: "gsi1", pk: `WS#${workspace}#TOKEN` });
  for (const pk of partitions) await remove(table, await keysOf(table, { pk }));
  await remove(table, [...names, ...tokens]);
  if (blobs === undefined) return;
  for (const run of made.runs) {
    const { items } = await blobs.list(blobKey.runPrefix(run), { limit: 1000 });
    for (const { key } of items) await blobs.delete(key);
  }
}

async function keysOf(table: Table, query: { readonly index?: "gsi1"; readonly pk: string }): Promise<Key[]> {
  const keys: Key[] = [];
  let cursor: string | undefined;
  do {
    const page = await table.query({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    keys.push(...page.items.map(({ pk, sk }) => ({ pk, sk })));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return keys;
}

async function remove(table: Table, keys: readonly Key[]): Promise<void> {
  for (const key of keys) await table.write([{ kind: "delete", key }]);
}

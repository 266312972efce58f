import type { CursorCodec } from "@benchgen/core/port/cursor.ts";
import { assertKey, assertTransactionBytes, serializeItem } from "@benchgen/core/port/item.ts";
import { assertOperations, keyOf } from "@benchgen/core/port/operation.ts";
import { pageLimit, sortRange } from "@benchgen/core/port/range.ts";
import { ConditionFailed } from "@benchgen/core/ports.ts";
import type { Clock, Item, Page, Query, Table, WriteOperation } from "@benchgen/core/ports.ts";
import type { Database } from "../database.ts";
import { deleteExpired } from "./expiry.ts";
import { applied, holds } from "./operation.ts";
import { scanPage } from "./scan.ts";

// Text is compared bytewise as UTF-8, as DynamoDB does. Every query below is a range of one of these indexes.
const schema = `
  create table if not exists item (
    pk text not null, sk text not null, body text not null,
    gsi1pk text, gsi1sk text, gsi2pk text, gsi2sk text, expires_at real,
    unique (pk, sk)
  ) strict;
  create index if not exists item_gsi1 on item (gsi1pk, gsi1sk, pk, sk)
    where gsi1pk is not null and gsi1sk is not null;
  create index if not exists item_gsi2 on item (gsi2pk, gsi2sk, pk, sk)
    where gsi2pk is not null and gsi2sk is not null;
  create index if not exists item_expiry on item (expires_at) where expires_at is not null;
`;

const upsert = `
  insert into item (pk, sk, body, gsi1pk, gsi1sk, gsi2pk, gsi2sk, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (pk, sk) do update set body = excluded.body, gsi1pk = excluded.gsi1pk, gsi1sk = excluded.gsi1sk,
    gsi2pk = excluded.gsi2pk, gsi2sk = excluded.gsi2sk, expires_at = excluded.expires_at`;

/** A page ends early past this many bytes, as DynamoDB's does: a thousand large items must not fill the memory. */
const pageBytes = 1024 * 1024;

const expirySweepIntervalMs = 60_000;
const expirySweepRows = 1000;

/** The single table over SQLite. */
export function createTable(options: { database: Database; cursors: CursorCodec; clock: Clock }): Table {
  const { database, cursors, clock } = options;
  database.define(schema);
  let sweptAt = 0;

  const load = (pk: string, sk: string): Item | undefined =>
    itemOf(database.get("select body from item where pk = ? and sk = ?", pk, sk)?.["body"]);

  const sweepExpired = (): void => {
    const now = clock.now().getTime();
    if (now - sweptAt < expirySweepIntervalMs) return;
    sweptAt = now;
    deleteExpired(database, now, expirySweepRows);
  };

  return {
    async get(key) {
      assertKey(key);
      return load(key.pk, key.sk);
    },

    async query(query) {
      return readPage(database, cursors, query);
    },

    async scan(scan) {
      return scanPage(database, cursors, scan);
    },

    async write(operations) {
      assertOperations(operations);
      sweepExpired();
      database.transaction(() => {
        const stored = operations.map((operation) => load(keyOf(operation).pk, keyOf(operation).sk));
        const failed = operations.flatMap((operation, position) =>
          (operation.conditions ?? []).every((condition) => holds(condition, stored[position]))
            ? []
            : [position],
        );
        if (failed.length > 0) throw new ConditionFailed(failed);
        store(database, operations, stored);
      });
    },
  };
}

function store(
  database: Database,
  operations: readonly WriteOperation[],
  stored: readonly (Item | undefined)[],
): void {
  let total = 0;
  for (const [position, operation] of operations.entries()) {
    if (operation.kind === "check") continue;
    const item = applied(operation, stored[position]);
    if (item === undefined) {
      database.run("delete from item where pk = ? and sk = ?", keyOf(operation).pk, keyOf(operation).sk);
      continue;
    }
    const { body, bytes } = serializeItem(item);
    total += bytes;
    database.run(
      upsert,
      item.pk,
      item.sk,
      body,
      textOf(item["gsi1pk"]),
      textOf(item["gsi1sk"]),
      textOf(item["gsi2pk"]),
      textOf(item["gsi2sk"]),
      typeof item["expiresAt"] === "number" ? item["expiresAt"] : null,
    );
  }
  assertTransactionBytes(total);
}

/** Columns that order each index; the last ones tell apart items with equal index keys. */
const orderings = {
  table: { partition: "pk", order: ["sk"] },
  gsi1: { partition: "gsi1pk", order: ["gsi1sk", "pk", "sk"] },
  gsi2: { partition: "gsi2pk", order: ["gsi2sk", "pk", "sk"] },
} as const;

function readPage(database: Database, cursors: CursorCodec, query: Query): Page<Item> {
  const limit = pageLimit(query.limit);
  const { partition, order } = orderings[query.index ?? "table"];
  const range = sortRange(query.range);
  const reverse = query.reverse ?? false;
  const scope = JSON.stringify([
    "table",
    query.index ?? "table",
    query.pk,
    range.from,
    range.before,
    reverse,
  ]);
  const after = query.cursor === undefined ? undefined : cursors.decode(scope, query.cursor);

  const [sort] = order;
  const columns = order.join(", ");
  // In the direction of reading, the cursor replaces the bound it lies beyond: one range of the index either way.
  const from = after !== undefined && !reverse ? undefined : range.from;
  const before = after !== undefined && reverse ? undefined : range.before;
  const clauses = [
    `${partition} = ?`,
    ...(query.index === undefined ? [] : [`${sort} is not null`]),
    ...(from === undefined ? [] : [`${sort} >= ?`]),
    ...(before === undefined ? [] : [`${sort} < ?`]),
    ...(after === undefined
      ? []
      : [`(${columns}) ${reverse ? "<" : ">"} (${order.map(() => "?").join(", ")})`]),
  ];
  const values = [query.pk, from, before, ...(after ?? [])].filter((value) => value !== undefined);
  const direction = reverse ? "desc" : "asc";
  const sql = `select body, ${columns} from item where ${clauses.join(" and ")}
    order by ${order.map((column) => `${column} ${direction}`).join(", ")} limit ?`;

  const items: Item[] = [];
  let bytes = 0;
  let last: string[] = [];
  for (const row of database.iterate(sql, ...values, limit + 1)) {
    if (items.length === limit || bytes > pageBytes) return { items, cursor: cursors.encode(scope, last) };
    const body = row["body"] as string;
    items.push(JSON.parse(body) as Item);
    bytes += body.length;
    last = order.map((column) => row[column] as string);
  }
  return { items };
}

function itemOf(body: unknown): Item | undefined {
  return typeof body === "string" ? (JSON.parse(body) as Item) : undefined;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

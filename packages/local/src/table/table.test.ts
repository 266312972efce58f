import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as fc from "fast-check";
import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import { prefixEnd } from "@benchgen/core/port/range.ts";
import type { Clock, Item, Table } from "@benchgen/core/ports.ts";
import { openDatabase } from "../database.ts";
import type { Database } from "../database.ts";
import { createTable } from "./table.ts";

let dir: string;
const opened: Database[] = [];

function open(clock: Clock = { now: () => new Date() }): Table & { database: Database } {
  const database = openDatabase(dir);
  opened.push(database);
  return { ...createTable({ database, cursors: createCursorCodec(Buffer.alloc(32)), clock }), database };
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "benchgen-"));
});
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
  rmSync(dir, { recursive: true });
});

describe("the table on SQLite", () => {
  it("measures what an update leaves as it measures what is put: as JSON, to the byte", async () => {
    const table = open();
    const bare = { pk: "p", sk: "a", text: "" };
    const room = 400 * 1024 - Buffer.byteLength(JSON.stringify(bare));
    await table.write([{ kind: "put", item: { ...bare, text: "x".repeat(room) } }]);
    const update = table.write([{ kind: "update", key: { pk: "p", sk: "a" }, set: { more: "" } }]);
    await expect(update).rejects.toMatchObject({ code: "item_too_large" });
  });

  it("reads every query as one range of an index, without sorting", async () => {
    const table = open();
    const plans: string[] = [];
    const seen = new Set<string>();
    const spying: Database = {
      ...table.database,
      iterate(sql, ...values) {
        seen.add(sql);
        plans.push(
          ...table.database.all(`explain query plan ${sql}`, ...values).map((row) => String(row["detail"])),
        );
        return table.database.iterate(sql, ...values);
      },
    };
    const spied = createTable({
      database: spying,
      cursors: createCursorCodec(Buffer.alloc(32)),
      clock: { now: () => new Date() },
    });
    for (let n = 0; n < 4; n++) {
      const keys = { gsi1pk: "p", gsi1sk: String(n), gsi2pk: "p", gsi2sk: String(n) };
      await table.write([{ kind: "put", item: { pk: "p", sk: String(n), ...keys } }]);
    }
    for (const index of [{}, { index: "gsi1" }, { index: "gsi2" }] as const) {
      for (const range of [{}, { range: { prefix: "" } }, { range: { from: "0", before: "9" } }] as const) {
        for (const reverse of [false, true]) {
          const query = { ...index, ...range, reverse, pk: "p", limit: 2 };
          const { cursor } = await spied.query(query);
          const { items } = await spied.query({ ...query, cursor: cursor! });
          expect(items.map(({ sk }) => sk)).toEqual(reverse ? ["1", "0"] : ["2", "3"]);
        }
      }
    }
    expect(seen.size).toBeGreaterThan(12);
    expect(plans).toHaveLength(3 * 3 * 2 * 2);
    for (const [position, plan] of plans.entries()) {
      expect(plan).toMatch(/^SEARCH item USING INDEX \S+ \((gsi.)?pk=\?/);
      // Every second one has a cursor: it must narrow the range, not filter it.
      if (position % 2 === 1) expect(plan).toMatch(/AND .*[<>]/);
    }
  });

  it("shows one process's writes to another at once, and after closing", async () => {
    const [one, other] = [open(), open()];
    await one.write([{ kind: "put", item: { pk: "a", sk: "b" } }]);
    expect(await other.get({ pk: "a", sk: "b" })).toBeDefined();
    one.database.close();
    expect(await open().get({ pk: "a", sk: "b" })).toBeDefined();
  });

  it("deletes expired items in time, and no others", async () => {
    let now = 1_000_000_000_000;
    const table = open({ now: () => new Date(now) });
    const items: Item[] = [
      { pk: "a", sk: "expired", expiresAt: 1_000_000_010 },
      { pk: "a", sk: "later", expiresAt: 2_000_000_000 },
      { pk: "a", sk: "never" },
      { pk: "a", sk: "text", expiresAt: "2001-01-01" },
    ];
    await table.write(items.map((item) => ({ kind: "put", item })));
    now += 3_600_000;
    await table.write([{ kind: "put", item: { pk: "b", sk: "x" } }]);
    const { items: left } = await table.query({ pk: "a" });
    expect(left.map(({ sk }) => sk)).toEqual(["later", "never", "text"]);
  });

  it("refuses a write whose items have more than 4 MB together", async () => {
    const table = open();
    const text = "x".repeat(390_000);
    const write = table.write(
      Array.from({ length: 11 }, (_, n) => ({ kind: "put", item: { pk: "a", sk: `${n}`, text } })),
    );
    await expect(write).rejects.toMatchObject({ code: "write_too_large" });
    expect((await table.query({ pk: "a" })).items).toEqual([]);
  });

  it("refuses a file written by a newer version of itself", () => {
    open().database.run("pragma user_version = 99");
    expect(() => openDatabase(dir)).toThrow(expect.objectContaining({ code: "store_too_new" }));
  });
});

describe("the end of a prefix", () => {
  it.each([
    ["a", "b"],
    ["a\u{10ffff}", "b"],
    ["\ud7ff", "\ue000"],
    ["", undefined],
    ["\u{10ffff}", undefined],
  ])("of %j is %j", (prefix, end) => {
    expect(prefixEnd(prefix)).toBe(end);
  });

  it("lies above every text with the prefix, and not above any other that does", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, text, (prefix, other) => {
        const end = prefixEnd(prefix) ?? undefined;
        const below = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
        const inRange = !below(other, prefix) && (end === undefined || below(other, end));
        expect(inRange).toBe(other.startsWith(prefix));
        expect(end === undefined || below(prefix + other, end)).toBe(true);
      }),
    );
  });
});

import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ConditionFailed } from "@benchgen/core/ports.ts";
import type { Item, Table, WriteOperation } from "@benchgen/core/ports.ts";
import { scanContract } from "./scan.contract.ts";
import { bytewise } from "./table-model.ts";
import { everyPage, expectLikeModel } from "./table-property.ts";

/** An index may lag behind the table by about a second on AWS. */
const indexLag = { timeout: 10_000, interval: 100 };

/** What every Table must do. `open` may give the same table each time: every test keeps to partitions of its own. */
export function tableContract(
  name: string,
  open: () => Promise<{ table: Table; close: () => Promise<void> }>,
  options: { propertyRuns?: number } = {},
): void {
  describe(`Table: ${name}`, () => {
    let table: Table;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ table, close } = await open());
    });
    afterAll(async () => {
      await close();
    });

    const put = (item: Item): Promise<void> => table.write([{ kind: "put", item }]);
    const partition = (): string => `test#${randomUUID()}`;

    it("gives back an item as it was put", async () => {
      const item = {
        pk: partition(),
        sk: "a",
        text: "Grüße \u{1f600} \u0000",
        number: -0.1,
        flag: false,
        nothing: null,
        list: [1, ["two"], {}],
        map: { deep: { er: [] } },
        ["__proto__"]: "own",
      };
      await put(item);
      expect(await table.get({ pk: item.pk, sk: "a" })).toEqual(item);
    });

    it("has nothing under a key that was never written", async () => {
      expect(await table.get({ pk: partition(), sk: "a" })).toBeUndefined();
      expect(await table.query({ pk: partition() })).toEqual({ items: [] });
    });

    it("replaces the whole item on put", async () => {
      const pk = partition();
      await put({ pk, sk: "a", old: 1 });
      await put({ pk, sk: "a", new: 2 });
      expect(await table.get({ pk, sk: "a" })).toEqual({ pk, sk: "a", new: 2 });
    });

    it("updates by set, add and remove, and creates what is missing", async () => {
      const pk = partition();
      const key = { pk, sk: "a" };
      await table.write([{ kind: "update", key, add: { count: 2 }, set: { name: "x", gone: 1 } }]);
      await table.write([{ kind: "update", key, add: { count: -0.5 }, remove: ["gone", "never"] }]);
      expect(await table.get(key)).toEqual({ ...key, count: 1.5, name: "x" });
    });

    it("refuses to add to what is no number, and writes nothing", async () => {
      const pk = partition();
      await put({ pk, sk: "a", count: "1" });
      const write = table.write([
        { kind: "put", item: { pk, sk: "b" } },
        { kind: "update", key: { pk, sk: "a" }, add: { count: 1 } },
      ]);
      await expect(write).rejects.toMatchObject({ name: "InvalidInput", code: "write_invalid" });
      expect((await table.query({ pk })).items).toEqual([{ pk, sk: "a", count: "1" }]);
    });

    it("names every operation whose condition failed, and writes none of them", async () => {
      const pk = partition();
      await put({ pk, sk: "a", status: "done" });
      const error = await caught(
        table.write([
          { kind: "put", item: { pk, sk: "b" }, conditions: [{ kind: "absent" }] },
          { kind: "delete", key: { pk, sk: "a" }, conditions: [{ kind: "missing", attribute: "status" }] },
          { kind: "check", key: { pk, sk: "c" }, conditions: [{ kind: "exists" }] },
        ]),
      );
      expect(error).toBeInstanceOf(ConditionFailed);
      expect((error as ConditionFailed).failed).toEqual([1, 2]);
      expect((await table.query({ pk })).items).toEqual([{ pk, sk: "a", status: "done" }]);
    });

    it("never converts types in a condition", async () => {
      const key = { pk: partition(), sk: "a" };
      await put({ ...key, count: "1", flag: "true", none: null });
      for (const condition of [
        { kind: "equals", attribute: "count", value: 1 },
        { kind: "equals", attribute: "flag", value: true },
        { kind: "oneOf", attribute: "count", values: [1, 2] },
        { kind: "below", attribute: "count", value: 5 },
        { kind: "missing", attribute: "none" },
      ] as const) {
        await expect(table.write([{ kind: "check", key, conditions: [condition] }])).rejects.toThrow(
          ConditionFailed,
        );
      }
    });

    it("takes 100 operations in one write, and not 101, nor none, nor two on one item", async () => {
      const pk = partition();
      const puts = Array.from({ length: 101 }, (_, index): WriteOperation => ({
        kind: "put",
        item: { pk, sk: String(index) },
      }));
      const invalid = { code: "write_invalid" };
      await expect(table.write(puts)).rejects.toMatchObject(invalid);
      await expect(table.write([])).rejects.toMatchObject(invalid);
      await expect(table.write([puts[0]!, puts[1]!, puts[0]!])).rejects.toMatchObject(invalid);
      expect((await table.query({ pk })).items).toEqual([]);
      await table.write(puts.slice(1));
      expect((await table.query({ pk })).items).toHaveLength(100);
    });

    it("holds items of up to 400 KB, and refuses larger ones, also when an update makes them", async () => {
      const pk = partition();
      const bare = { pk, sk: "a", text: "" };
      const room = 400 * 1024 - Buffer.byteLength(JSON.stringify(bare));
      await put({ ...bare, text: "x".repeat(room) });
      const tooLarge = { code: "item_too_large" };
      await expect(put({ ...bare, text: "x".repeat(room + 1) })).rejects.toMatchObject(tooLarge);
      // DynamoDB counts without JSON's punctuation: what an update leaves may have a few bytes more there.
      await expect(
        table.write([{ kind: "update", key: { pk, sk: "a" }, set: { more: "x".repeat(100) } }]),
      ).rejects.toMatchObject(tooLarge);
    });

    it.each([
      ["undefined", undefined],
      ["NaN", Number.NaN],
      ["Infinity", [Number.POSITIVE_INFINITY]],
      ["a date", { at: new Date(0) }],
      ["a big integer", 1n],
    ])("refuses %s as a value", async (_, value) => {
      const item = { pk: partition(), sk: "a", value } as unknown as Item;
      await expect(put(item)).rejects.toMatchObject({ code: "item_invalid" });
    });

    it("refuses empty, over-long and ill-formed keys", async () => {
      const pk = partition();
      for (const key of [
        { pk: "", sk: "a" },
        { pk, sk: "" },
        { pk, sk: "x".repeat(1025) },
        { pk: "x".repeat(2049), sk: "a" },
        { pk, sk: "\ud800" },
      ]) {
        await expect(put(key)).rejects.toMatchObject({ code: "key_invalid" });
      }
      await expect(
        table.write([{ kind: "update", key: { pk, sk: "a" }, set: { sk: "b" } }]),
      ).rejects.toMatchObject({ code: "write_invalid" });
    });

    it("orders sort keys by their bytes in UTF-8", async () => {
      const pk = partition();
      const keys = ["b", "a", "\uffee", "\u{1f600}", "Z", "é", "a\u0000", "10", "9"];
      await table.write(keys.map((sk) => ({ kind: "put", item: { pk, sk } })));
      const { items } = await table.query({ pk });
      expect(items.map(({ sk }) => sk)).toEqual(keys.sort(bytewise));
    });

    it("shows an item in an index exactly while it has both keys of that index", async () => {
      const pk = partition();
      const listed = async (index: "gsi1" | "gsi2"): Promise<string[]> =>
        (await table.query({ index, pk: `g${pk}` })).items.map(({ sk }) => sk);
      await table.write([
        { kind: "put", item: { pk, sk: "both", gsi1pk: `g${pk}`, gsi1sk: "1" } },
        { kind: "put", item: { pk, sk: "half", gsi1pk: `g${pk}` } },
        { kind: "put", item: { pk, sk: "other", gsi2pk: `g${pk}`, gsi2sk: "1" } },
      ]);
      await vi.waitFor(async () => expect(await listed("gsi1")).toEqual(["both"]), indexLag);
      await vi.waitFor(async () => expect(await listed("gsi2")).toEqual(["other"]), indexLag);
      await table.write([
        { kind: "update", key: { pk, sk: "both" }, remove: ["gsi1sk"] },
        { kind: "update", key: { pk, sk: "half" }, set: { gsi1sk: "2" } },
      ]);
      await vi.waitFor(async () => expect(await listed("gsi1")).toEqual(["half"]), indexLag);
    });

    it("pages through items with equal index keys without losing or repeating one", async () => {
      const pk = partition();
      await table.write(
        Array.from({ length: 50 }, (_, index) => ({
          kind: "put",
          item: { pk, sk: String(index), gsi1pk: `g${pk}`, gsi1sk: "same" },
        })),
      );
      for (const reverse of [false, true]) {
        const all = { index: "gsi1", pk: `g${pk}`, limit: 7, reverse } as const;
        await vi.waitFor(async () => expect(await everyPage(table, all)).toHaveLength(50), indexLag);
        expect(new Set((await everyPage(table, all)).map(({ sk }) => sk)).size).toBe(50);
      }
    });

    it("returns large items page by page, all of them", async () => {
      const pk = partition();
      const text = "x".repeat(390_000);
      for (let index = 0; index < 6; index++) await put({ pk, sk: String(index), text });
      const items = await everyPage(table, { pk });
      expect(items.map(({ sk }) => sk)).toEqual(["0", "1", "2", "3", "4", "5"]);
    });

    it("gives a cursor exactly when there may be more, and refuses altered and foreign ones", async () => {
      const pk = partition();
      await table.write(["a", "b", "c"].map((sk) => ({ kind: "put", item: { pk, sk } })));
      const { cursor } = await table.query({ pk, limit: 2 });
      expect(cursor).toBeTypeOf("string");
      const rest = await table.query({ pk, limit: 1000, cursor: cursor! });
      expect(rest).toEqual({ items: [{ pk, sk: "c" }] });

      const invalid = { name: "InvalidInput", code: "cursor_invalid" };
      const middle = Math.floor(cursor!.length / 2);
      const flipped = cursor!.slice(0, middle) + (cursor![middle] === "A" ? "B" : "A");
      for (const bad of ["", "x", `${cursor!}A`, cursor!.slice(0, -1), flipped + cursor!.slice(middle + 1)]) {
        await expect(table.query({ pk, cursor: bad })).rejects.toMatchObject(invalid);
      }
      for (const other of [
        { pk: `${pk}x` },
        { pk, reverse: true },
        { pk, range: { prefix: "a" } },
        { pk, index: "gsi1" },
      ] as const) {
        await expect(table.query({ ...other, cursor: cursor! })).rejects.toMatchObject(invalid);
      }
    });

    it.each([0, 1001, 1.5, -1, Number.NaN])("refuses a limit of %d", async (limit) => {
      await expect(table.query({ pk: partition(), limit })).rejects.toMatchObject({ code: "limit_invalid" });
    });

    scanContract(() => table);

    it("lets exactly one of many concurrent claims through", async () => {
      const key = { pk: partition(), sk: "a" };
      const claims = Array.from({ length: 20 }, (_, owner) =>
        table.write([{ kind: "put", item: { ...key, owner }, conditions: [{ kind: "absent" }] }]),
      );
      const settled = await Promise.allSettled(claims);
      expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    });

    it("loses no addition of many concurrent ones, and keeps to a bound", async () => {
      const key = { pk: partition(), sk: "a" };
      const attempts = Array.from({ length: 30 }, () =>
        table.write([
          {
            kind: "update",
            key,
            add: { used: 1 },
            conditions: [{ kind: "below", attribute: "used", value: 10 }],
          },
        ]),
      );
      const settled = await Promise.allSettled(attempts);
      expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
      expect(await table.get(key)).toEqual({ ...key, used: 10 });
    });

    it("does what the plain model does, for any writes and any query", () =>
      expectLikeModel(table, { runs: options.propertyRuns ?? 100, lag: indexLag }));
  });
}

async function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

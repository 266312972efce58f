import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Item, Page, Scan, Table } from "@benchgen/core/ports.ts";
import { bytewise } from "./table-model.ts";

/** What every Table must do when it is asked for all items of a kind. The table may hold others. */
export function scanContract(table: () => Table): void {
  const put = (item: Item): Promise<void> => table().write([{ kind: "put", item }]);
  const partition = (): string => `test#${randomUUID()}`;

  describe("scan", () => {
    it("finds items of all partitions by what their sort keys begin with, and only what is asked of them", async () => {
      const own = randomUUID();
      const wanted = ["WORD", "WORDY", "OTHER#1"].map((sk) => ({
        pk: partition(),
        sk: `${own}${sk}`,
        a: sk,
      }));
      for (const item of wanted) await put({ ...item, "b.c": [1], unasked: "x" });
      for (const sk of [`${own}word`, `x${own}WORD`, `${own}OTHER`]) await put({ pk: partition(), sk });
      const found = await everyItem(table(), {
        sortKeyPrefixes: [`${own}WORD`, `${own}OTHER#`],
        attributes: ["a", "b.c", "never"],
      });
      expect(found).toEqual(wanted.map((item) => ({ ...item, "b.c": [1] })).toSorted(byKey));
      expect(await everyItem(table(), { sortKeyPrefixes: [`${own}no`], attributes: [] })).toEqual([]);
    });

    it("finds everything that stays, whatever comes and goes from page to page", async () => {
      const [own, pk] = [randomUUID(), partition()];
      const keyOf = (number: number) => ({ pk: `${pk}${number % 7}`, sk: `${own}${number}` });
      // More than two pages: of 1,000 items locally, of 1 MB on DynamoDB.
      const text = "x".repeat(1000);
      for (let from = 0; from < 2500; from += 100) {
        const numbers = Array.from({ length: 100 }, (_, index) => from + index);
        await table().write(numbers.map((number) => ({ kind: "put", item: { ...keyOf(number), text } })));
      }
      const scan = { sortKeyPrefixes: [own], attributes: [] };
      const { items, cursor } = await table().scan(scan);
      expect(cursor).toBeTypeOf("string");
      await table().write([{ kind: "delete", key: keyOf(2499) }]);
      await put({ pk: partition(), sk: `${own}new` });
      const rest = await everyItem(table(), { ...scan, cursor: cursor! });
      const stays = Array.from({ length: 2499 }, (_, number) => keyOf(number).sk);
      expect([...items, ...rest].map(({ sk }) => sk)).toEqual(expect.arrayContaining(stays));
    });

    it("refuses prefixes that say nothing, and a cursor of another scan", async () => {
      for (const sortKeyPrefixes of [[], [""]]) {
        const refused = table().scan({ sortKeyPrefixes, attributes: [] });
        await expect(refused).rejects.toMatchObject({ code: "scan_invalid" });
      }
      const foreign = table().scan({ sortKeyPrefixes: ["x"], attributes: [], cursor: "AAAA" });
      await expect(foreign).rejects.toMatchObject({ code: "cursor_invalid" });
    });
  });
}

/** All items of a scan, page by page, in the order of their keys. */
async function everyItem(table: Table, scan: Scan): Promise<Item[]> {
  const items: Item[] = [];
  let next: Scan | undefined = scan;
  while (next !== undefined) {
    const page: Page<Item> = await table.scan(next);
    items.push(...page.items);
    next = page.cursor === undefined ? undefined : { ...scan, cursor: page.cursor };
  }
  return items.sort(byKey);
}

function byKey(a: Item, b: Item): number {
  return bytewise(`${a.pk}\n${a.sk}`, `${b.pk}\n${b.sk}`);
}

import type { CursorCodec } from "@benchgen/core/port/cursor.ts";
import { prefixEnd, scanScope } from "@benchgen/core/port/range.ts";
import type { Item, Json, Page, Scan } from "@benchgen/core/ports.ts";
import type { Database } from "../database.ts";

/** Items on a page, of which only some attributes are kept. */
const pageItems = 1000;

/** In the order of the keys: what comes meanwhile lies before the cursor or behind it. */
export function scanPage(database: Database, cursors: CursorCodec, scan: Scan): Page<Item> {
  const scope = scanScope(scan);
  const after = scan.cursor === undefined ? ["", ""] : cursors.decode(scope, scan.cursor);
  const bounds = scan.sortKeyPrefixes.map((prefix) => [prefix, prefixEnd(prefix)]);
  const clauses = bounds.map(([, end]) => (end === undefined ? "sk >= ?" : "(sk >= ? and sk < ?)"));
  const sql = `select pk, sk, body from item where (pk, sk) > (?, ?) and (${clauses.join(" or ")})
    order by pk, sk limit ?`;
  const values = [...after, ...bounds.flat().filter((bound) => bound !== undefined)];
  const items = database.all(sql, ...values, pageItems).map((row): Item => {
    const body = JSON.parse(String(row["body"])) as Item;
    return { pk: body.pk, sk: body.sk, ...pick(body, scan.attributes) };
  });
  const last = items.at(-1);
  return last === undefined || items.length < pageItems
    ? { items }
    : { items, cursor: cursors.encode(scope, [last.pk, last.sk]) };
}

function pick(item: Item, attributes: readonly string[]): { [attribute: string]: Json } {
  return Object.fromEntries(
    attributes.filter((name) => Object.hasOwn(item, name)).map((name) => [name, item[name]!]),
  );
}

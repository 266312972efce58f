import { expect, it } from "vitest";
import { everyItem } from "./page.ts";

it("reads page after page, empty ones too, and none that nobody asked for", async () => {
  const pages = [{ items: [1, 2], cursor: "1" }, { items: [], cursor: "2" }, { items: [3] }];
  const asked: (string | undefined)[] = [];
  const readPage = async ({ cursor }: { readonly cursor?: string }) => {
    asked.push(cursor);
    return pages[Number(cursor ?? 0)]!;
  };
  expect(await Array.fromAsync(everyItem(readPage))).toEqual([1, 2, 3]);
  expect(asked).toEqual([undefined, "1", "2"]);
  asked.length = 0;
  for await (const item of everyItem(readPage)) if (item === 2) break;
  expect(asked).toEqual([undefined]);
});

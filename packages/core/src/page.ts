import type { Page } from "./ports.ts";

/**
 * Everything that is read by page, one after the other; the next page when the one before was looked at.
 * @param readPage given the cursor of the page before, to be put into its query as it is
 */
export async function* everyItem<T>(
  readPage: (from: { readonly cursor?: string }) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const page = await readPage(cursor === undefined ? {} : { cursor });
    yield* page.items;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

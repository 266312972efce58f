/** Content that nothing names any more, or never did: of uploads that were not used, and of crashes in publishing. */
import { loadDocument } from "@benchgen/core/environment/record.ts";
import type { Blobs, Item } from "@benchgen/core/ports.ts";
import { contentNamedBy } from "@benchgen/core/record/content.ts";
import { blobKey, contentPrefix } from "@benchgen/core/wire/key.ts";
import { BlobIndex } from "../blob/blob-index.ts";
import type { Database } from "../database.ts";

/** Looked at in one query. */
const pageSize = 1000;

export interface UnusedContent {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Deletes content that no upload, submission or version names and that was stored before that time.
 *
 * Another process may be about to name some of it. So whatever was found is looked at again with the write lock held:
 * nothing is deleted while an upload is under check, which may find content to be there, nor when a version has come
 * since its files were read. Content that is put once more counts as new from then on (`BlobIndex.touch`).
 * @param options.storedBefore ISO time
 * @param options.countOnly deletes nothing
 * @returns undefined when there was something under way: later, then
 */
export async function deleteUnusedContent(options: {
  readonly database: Database;
  readonly dir: string;
  readonly owner: string;
  readonly blobs: Pick<Blobs, "get">;
  readonly storedBefore: string;
  readonly countOnly: boolean;
}): Promise<UnusedContent | undefined> {
  const { database, blobs, storedBefore, countOnly } = options;
  const index = new BlobIndex(options);
  const seen = readNamed(database);
  const named = new Set(seen.hashes);
  for (const document of seen.documents) {
    const { files } = await loadDocument(blobs, { document });
    for (const { sha256 } of Object.values(files)) named.add(sha256);
  }
  const isUnused = (key: string): boolean => !named.has(key.slice(contentPrefix.length));
  const unused: string[] = [];
  let bytes = 0;
  for (const blob of contentBlobs(index)) {
    if (blob.modifiedAt >= storedBefore || !isUnused(blob.key)) continue;
    unused.push(blob.key);
    bytes += blob.size;
  }
  if (countOnly || unused.length === 0) return { files: unused.length, bytes };

  const removed = index.removeAll(() => {
    const now = readNamed(database);
    if (now.unsettled || [...now.documents].some((document) => !seen.documents.has(document)))
      return undefined;
    return unused.filter((key) => {
      const stored = index.find(key);
      return stored !== undefined && stored.modifiedAt < storedBefore && !now.keys.has(key);
    });
  });
  if (removed === undefined) return undefined;
  return { files: removed.length, bytes: removed.reduce((sum, { size }) => sum + size, 0) };
}

interface Named {
  readonly hashes: ReadonlySet<string>;
  /** The same as keys of blobs. */
  readonly keys: ReadonlySet<string>;
  readonly documents: ReadonlySet<string>;
  readonly unsettled: boolean;
}

/** What all items say at this moment. At once: it also runs with the write lock held. */
function readNamed(database: Database): Named {
  const hashes = new Set<string>();
  const documents = new Set<string>();
  let unsettled = false;
  const sql = "select body from item where sk in ('SUB', 'UPLOAD') or (sk >= 'VERSION#' and sk < 'VERSION$')";
  for (const row of database.iterate(sql)) {
    const named = contentNamedBy(JSON.parse(String(row["body"])) as Item);
    for (const hash of named.hashes) hashes.add(hash);
    if (named.document !== undefined) documents.add(named.document);
    unsettled ||= named.unsettled;
  }
  return { hashes, keys: new Set([...hashes].map(blobKey.content)), documents, unsettled };
}

function* contentBlobs(index: BlobIndex): Generator<{ key: string; size: number; modifiedAt: string }> {
  let after: string | undefined;
  for (;;) {
    const page = index.list(contentPrefix, after, pageSize);
    yield* page;
    if (page.length < pageSize) return;
    after = page.at(-1)!.key;
  }
}

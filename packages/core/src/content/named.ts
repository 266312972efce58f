/** Which content-addressed blobs the items of the table need: nothing else keeps one. */
import { forEachLimited } from "../concurrency.ts";
import { loadDocument } from "../environment/record.ts";
import type { Blobs, Item, Table } from "../ports.ts";

/** What an item says about content. Hashes are the SHA-256 in `blobKey.content`. */
export interface NamedByItem {
  readonly hashes: readonly string[];
  /** The hash of a version's document, which names the files of the version in turn. */
  readonly document?: string;
  /** Of an upload under check, when it was announced: it may become a version of content that nothing names yet. */
  readonly unsettledSince?: string;
}

/** Pure. Everything that names content is an upload, a submission or a version; all other items name none. */
export function contentNamedBy(item: Item): NamedByItem {
  const { sk, sha256, document, status, createdAt } = item;
  if (sk === "SUB" && typeof sha256 === "string") return { hashes: [sha256] };
  if (sk === "UPLOAD" && typeof sha256 === "string") {
    // Accepted ones may be made submissions of until they expire.
    return {
      hashes: [sha256],
      ...(status === "checking" && typeof createdAt === "string" ? { unsettledSince: createdAt } : {}),
    };
  }
  if (sk.startsWith("VERSION#") && typeof document === "string") return { hashes: [document], document };
  return { hashes: [] };
}

/** What `contentNamedBy` looks at. */
const naming = {
  sortKeyPrefixes: ["SUB", "UPLOAD", "VERSION#"],
  attributes: ["sha256", "document", "status", "createdAt"],
};

/** Documents read at one time. */
const concurrency = 8;

export interface NamedContent {
  readonly hashes: ReadonlySet<string>;
  /** When the oldest upload was announced that is still under check, ISO time; absent when none is. */
  readonly unsettledSince?: string;
}

/**
 * All content that is named by an item which was there before the call and is there after it; some more, maybe, that was
 * named meanwhile. Holds a hash in memory for each, about 150 bytes.
 * @throws Error when a version's document is missing: what it names cannot be known, so nothing may be deleted
 */
export async function readNamed(ports: {
  readonly table: Pick<Table, "scan">;
  readonly blobs: Pick<Blobs, "get">;
}): Promise<NamedContent> {
  const hashes = new Set<string>();
  const documents = new Set<string>();
  let unsettledSince: string | undefined;
  let cursor: string | undefined;
  do {
    const page = await ports.table.scan(cursor === undefined ? naming : { ...naming, cursor });
    for (const item of page.items) {
      const named = contentNamedBy(item);
      for (const hash of named.hashes) hashes.add(hash);
      if (named.document !== undefined) documents.add(named.document);
      if (named.unsettledSince !== undefined && named.unsettledSince < (unsettledSince ?? "~")) {
        unsettledSince = named.unsettledSince;
      }
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  await forEachLimited(documents, concurrency, async (document) => {
    const { files } = await loadDocument(ports.blobs, { document });
    for (const { sha256 } of Object.values(files)) hashes.add(sha256);
  });
  return unsettledSince === undefined ? { hashes } : { hashes, unsettledSince };
}

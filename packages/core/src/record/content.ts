/** Which content-addressed blobs the items of the table need: nothing else keeps one. */
import type { Item } from "../ports.ts";

/** What an item says about content. Hashes are the SHA-256 in `blobKey.content`. */
export interface NamedContent {
  readonly hashes: readonly string[];
  /** The hash of a version's document, which names the files of the version in turn. */
  readonly document?: string;
  /** An upload under check may become a version of content that nothing names yet. */
  readonly unsettled: boolean;
}

/** Pure. Everything that names content is an upload, a submission or a version; all other items name none. */
export function contentNamedBy(item: Item): NamedContent {
  const { sk, sha256, document, status } = item;
  if (sk === "SUB" && typeof sha256 === "string") return { hashes: [sha256], unsettled: false };
  if (sk === "UPLOAD" && typeof sha256 === "string") {
    // Accepted ones may be made submissions of until they expire.
    return { hashes: [sha256], unsettled: status === "checking" };
  }
  if (sk.startsWith("VERSION#") && typeof document === "string") {
    return { hashes: [document], document, unsettled: false };
  }
  return { hashes: [], unsettled: false };
}

/** A version's bundle, for its authors. */
import type { Principal } from "../access/principal.ts";
import { rebuildBundle } from "../bundle/store.ts";
import type { Ports } from "../ports.ts";
import { requireAuthor } from "./catalogue.ts";
import { loadDocument } from "./record.ts";
import { resolveVersion } from "./version.ts";

/**
 * A version as the zip that was uploaded: the same paths, the same contents.
 * @returns also the hash of its paths and contents: equal hashes, equal zips
 * @throws Forbidden to all but its authors: it holds the reference data
 */
export async function downloadBundle(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  reference: string,
  number: number,
): Promise<{ filename: string; contentHash: string; content: AsyncIterable<Uint8Array> }> {
  const { environment, version } = await resolveVersion(ports, principal, reference, number);
  requireAuthor(principal, environment);
  const { files } = await loadDocument(ports.blobs, version);
  return {
    contentHash: version.contentHash,
    filename: `${environment.name}-v${version.number}.zip`,
    content: rebuildBundle(files, ports.blobs),
  };
}

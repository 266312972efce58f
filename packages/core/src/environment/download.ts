/** A version's bundle, for its authors. */
import type { Principal } from "../access/principal.ts";
import { rebuildBundle } from "../bundle/store.ts";
import { Conflict } from "../error.ts";
import type { Ports } from "../ports.ts";
import type { BundleListing } from "../wire/api.ts";
import { blobKey } from "../wire/key.ts";
import { requireAuthor } from "./catalogue.ts";
import { type VersionDocument, loadDocument } from "./record.ts";
import { resolveVersion } from "./version.ts";

const urlSeconds = 3600;

type DownloadPorts = Pick<Ports, "table" | "blobs">;

/**
 * A version as the zip that was uploaded: the same paths, the same contents.
 * @param maxBytes of all contents: more cannot be packed in the time that an answer has. Default: any
 * @returns also the hash of its paths and contents: equal hashes, equal zips
 * @throws Forbidden to all but its authors: it holds the reference data; Conflict `bundle_too_large`
 */
export async function downloadBundle(
  ports: DownloadPorts,
  principal: Principal,
  reference: string,
  number: number,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<{ filename: string; contentHash: string; content: AsyncIterable<Uint8Array> }> {
  const { filename, contentHash, files } = await openVersion(ports, principal, reference, number);
  const bytes = Object.values(files).reduce((sum, { size }) => sum + size, 0);
  if (bytes > maxBytes) {
    throw new Conflict(
      "bundle_too_large",
      `The bundle holds ${bytes} bytes; at most ${maxBytes} are packed into one answer here.`,
      {
        hint: "benchgen env pull fetches its files and packs them itself, as GET …/bundle/files lists them.",
      },
    );
  }
  return { filename, contentHash, content: rebuildBundle(files, ports.blobs) };
}

/**
 * What the bundle of a version is packed of, with a signed URL of each, so that whoever wants it packs it: at any size,
 * to the same bytes (`rebuildBundle`).
 * @throws Forbidden to all but its authors
 */
export async function listBundle(
  { table, blobs }: DownloadPorts,
  principal: Principal,
  reference: string,
  number: number,
): Promise<BundleListing> {
  const { files, ...head } = await openVersion({ table, blobs }, principal, reference, number);
  const listed = Object.entries(files).map(async ([path, file]) => {
    const url = await blobs.signDownload(blobKey.content(file.sha256), { expiresInSeconds: urlSeconds });
    return { path, ...file, url };
  });
  return { ...head, files: await Promise.all(listed) };
}

async function openVersion(
  ports: DownloadPorts,
  principal: Principal,
  reference: string,
  number: number,
): Promise<{ filename: string; contentHash: string; files: VersionDocument["files"] }> {
  const { environment, version } = await resolveVersion(ports, principal, reference, number);
  requireAuthor(principal, environment);
  const { files } = await loadDocument(ports.blobs, version);
  return {
    filename: `${environment.name}-v${version.number}.zip`,
    contentHash: version.contentHash,
    files,
  };
}

/** The step after a bundle was found good: from an upload to a version of an environment. Idempotent. */
import { blobSource } from "../bundle/byte-source.ts";
import { findingOf } from "../bundle/finding-list.ts";
import { storeBundle } from "../bundle/store.ts";
import { zipTree } from "../bundle/tree.ts";
import { openZip } from "../bundle/zip-archive.ts";
import { addVersion, announceVersion } from "../environment/publish.ts";
import { slugOf } from "../environment/slug.ts";
import { verifyVersion } from "../environment/verify.ts";
import { InvalidInput } from "../error.ts";
import type { Ports } from "../ports.ts";
import type { UploadId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { isTerminal, uploadMoves } from "../wire/status.ts";
import { checkUpload } from "./check.ts";
import { loadCheckedBundle } from "./checked.ts";
import { concludeUpload, endUpload, rejectUpload } from "./end.ts";
import { type UploadRecord, loadUpload } from "./record.ts";

type PublishPorts = Pick<Ports, "table" | "blobs" | "workflow" | "bus" | "clock" | "ids">;

/** Both steps, one after the other: what one machine does. @throws as both do */
export async function receiveUpload(ports: PublishPorts, id: UploadId): Promise<void> {
  if (await checkUpload(ports, id)) await publishUpload(ports, id);
}

/**
 * Stores what a checked bundle holds as a version of its environment, starts the runs of its solutions, and ends the
 * upload accepted; rejected, when it holds what the check did not see and no later attempt can take.
 * @throws NotFound when there is no such upload
 * @throws PlatformFault when the stores fail: the upload stays `checking`, and calling again continues
 */
export async function publishUpload(ports: PublishPorts, id: UploadId): Promise<void> {
  const upload = await loadUpload(ports.table, id);
  if (isTerminal(uploadMoves, upload.status)) return concludeUpload(ports, upload);
  try {
    await publishBundle(ports, upload);
  } catch (error) {
    if (error instanceof InvalidInput) return rejectUpload(ports, upload, [findingOf(error)]);
    // Another delivery of the same event was faster, and the bytes are gone.
    const now = await loadUpload(ports.table, id);
    if (!isTerminal(uploadMoves, now.status)) throw error;
  }
  return undefined;
}

async function publishBundle(ports: PublishPorts, upload: UploadRecord): Promise<void> {
  const { findings, manifest, programs } = await loadCheckedBundle(ports, upload);
  const archive = await openZip(await blobSource(ports.blobs, blobKey.upload(upload.id)));
  const { files, contentHash } = await storeBundle(zipTree(archive, upload.filename), manifest, ports);
  const added = await addVersion(ports, {
    workspace: upload.workspace,
    createdBy: upload.createdBy,
    name: upload.environment ?? slugOf(manifest.title),
    trial: upload.purpose === "run",
    contentHash,
    document: { manifest, programs, files },
    findings,
    uploadId: upload.id,
  });
  const { environment, version, unchanged } = added;
  if (version.status === "verifying") await verifyVersion(ports, environment, version);
  // Only after a crash between publishing and here: the event may have been lost.
  else if (version.status === "published" && !unchanged) await announceVersion(ports, environment, version);
  await endUpload(ports, upload, "accepted", {
    findings,
    result: {
      environmentId: environment.id,
      environment: environment.name,
      version: version.number,
      unchanged,
    },
  });
}

/** What happens when an upload's bytes have arrived: the "object created" step. Idempotent; events come twice. */
import { blobSource } from "../bundle/byte-source.ts";
import { readBundle } from "../bundle/read.ts";
import { storeBundle } from "../bundle/store.ts";
import { type BundleTree, zipTree } from "../bundle/tree.ts";
import { type ZipArchive, openZip } from "../bundle/zip-archive.ts";
import { addVersion, announceVersion } from "../environment/publish.ts";
import { slugOf } from "../environment/slug.ts";
import { verifyVersion } from "../environment/verify.ts";
import { type BenchgenError, InvalidInput, NotFound } from "../error.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toAttributes } from "../record/record.ts";
import { writeIf } from "../record/write.ts";
import { inspectSubmission } from "../submission/inspect.ts";
import type { Finding } from "../wire/finding.ts";
import type { UploadId } from "../wire/id.ts";
import { blobKey, uploadPrefix } from "../wire/key.ts";
import { type UploadStatus, allowedFrom, isTerminal, uploadMoves } from "../wire/status.ts";
import { type UploadRecord, loadUpload, uploadLifeSeconds } from "./record.ts";

/** Findings kept of one upload: more would not fit an item, and nobody reads the thousandth. */
const maxFindings = 300;

/**
 * Validates an upload and, when it is good, stores what it holds: a bundle becomes a version of an environment,
 * a submission becomes content a submission can name. Ends with the upload accepted or rejected, with findings.
 * @throws NotFound when there is no such upload
 * @throws PlatformFault when the stores fail: the upload stays `checking`, and calling again continues
 */
export async function receiveUpload(ports: Ports, id: UploadId): Promise<void> {
  const upload = await loadUpload(ports.table, id);
  if (isTerminal(uploadMoves, upload.status)) return conclude(ports, upload);
  if (!(await move(ports, upload, "checking", {}))) return undefined;
  try {
    const archive = await openZip(await blobSource(ports.blobs, blobKey.upload(id)));
    await (upload.kind === "bundle"
      ? receiveBundle(ports, upload, archive)
      : receiveSubmission(ports, upload, archive));
  } catch (error) {
    if (error instanceof InvalidInput) return reject(ports, upload, [findingOf(error)]);
    // Another delivery of the same event was faster, and the bytes are gone.
    const now = await loadUpload(ports.table, id);
    if (!isTerminal(uploadMoves, now.status)) throw error;
  }
  return undefined;
}

async function receiveBundle(ports: Ports, upload: UploadRecord, archive: ZipArchive): Promise<void> {
  const tree: BundleTree = zipTree(archive, upload.filename);
  const { findings, manifest, programs } = await readBundle(tree);
  if (manifest === undefined) return reject(ports, upload, findings);
  const { files, contentHash } = await storeBundle(tree, manifest, ports.blobs);
  const added = await addVersion(ports, {
    workspace: upload.workspace,
    createdBy: upload.createdBy,
    name: upload.environment ?? slugOf(manifest.title),
    trial: upload.purpose === "run",
    contentHash,
    document: { manifest, programs, files },
    findings: findings.slice(0, maxFindings),
    uploadId: upload.id,
  });
  const { environment, version, unchanged } = added;
  if (version.status === "verifying") await verifyVersion(ports, environment, version);
  // Only after a crash between publishing and here: the event may have been lost.
  else if (version.status === "published" && !unchanged) await announceVersion(ports, environment, version);
  await end(ports, upload, "accepted", {
    findings: findings.slice(0, maxFindings),
    result: {
      environmentId: environment.id,
      environment: environment.name,
      version: version.number,
      unchanged,
    },
  });
}

async function receiveSubmission(ports: Ports, upload: UploadRecord, archive: ZipArchive): Promise<void> {
  const { findings, holdsCode } = inspectSubmission(archive, upload.filename);
  if (findings.some((finding) => finding.level === "error")) return reject(ports, upload, findings);
  const content = blobKey.content(upload.sha256);
  if ((await ports.blobs.head(content)) === undefined)
    await ports.blobs.copy(blobKey.upload(upload.id), content);
  await end(ports, upload, "accepted", { findings, holdsCode });
}

async function reject(ports: Ports, upload: UploadRecord, findings: readonly Finding[]): Promise<void> {
  await end(ports, upload, "rejected", { findings: findings.slice(0, maxFindings) });
}

async function end(ports: Ports, upload: UploadRecord, to: UploadStatus, change: object): Promise<void> {
  await move(ports, upload, to, change);
  await conclude(ports, await loadUpload(ports.table, upload.id));
}

/** What follows from the end of an upload. May be repeated: after a crash, and when a client sends the bytes once more. */
async function conclude(ports: Ports, upload: UploadRecord): Promise<void> {
  if (upload.status === "rejected") await announceRejection(ports, upload);
  // What was accepted lives under its hash now. What was rejected stays for a while, so that its author can fetch it.
  else await ports.blobs.delete(blobKey.upload(upload.id));
  await ports.table.write([{ kind: "delete", key: tableKey.open("UPLOAD", upload.id) }]);
}

async function announceRejection(ports: Ports, upload: UploadRecord): Promise<void> {
  if (upload.kind !== "bundle") return;
  await ports.bus.publish([
    {
      id: `rejected-${upload.id}`,
      time: ports.clock.now().toISOString(),
      type: "Environment Rejected",
      detail: {
        version: 1,
        uploadId: upload.id,
        workspace: upload.workspace,
        findings: upload.findings.filter((finding) => finding.level === "error").slice(0, 100),
      },
    },
  ]);
}

/** False when another delivery of the same event was faster. */
async function move(
  ports: Pick<Ports, "table">,
  upload: UploadRecord,
  to: UploadStatus,
  change: object,
): Promise<boolean> {
  return writeIf(ports.table, [
    {
      kind: "update",
      key: tableKey.upload(upload.id),
      set: toAttributes({ ...change, status: to }),
      conditions: [{ kind: "oneOf", attribute: "status", values: allowedFrom(uploadMoves, to) }],
    },
  ]);
}

function findingOf(error: BenchgenError): Finding {
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return { level: "error", code: error.code, message: error.message, ...hint };
}

/** Ends an upload whose bytes never came. Called by the sweep. */
export async function expireUpload(ports: Ports, id: UploadId): Promise<void> {
  const upload = await loadUpload(ports.table, id).catch((error: unknown) => {
    if (error instanceof NotFound) return undefined;
    throw error;
  });
  if (upload !== undefined) await move(ports, upload, "expired", {});
  await ports.blobs.delete(blobKey.upload(id));
  await ports.table.write([{ kind: "delete", key: tableKey.open("UPLOAD", id) }]);
}

/** Deletes the bytes of uploads whose time is over, whatever became of them. Called by the sweep. */
export async function deleteExpiredBytes(ports: Pick<Ports, "blobs" | "clock">): Promise<void> {
  const latest = new Date(ports.clock.now().getTime() - uploadLifeSeconds * 1000).toISOString();
  let cursor: string | undefined;
  do {
    const page = await ports.blobs.list(uploadPrefix, cursor === undefined ? {} : { cursor });
    for (const { key, modifiedAt } of page.items) if (modifiedAt < latest) await ports.blobs.delete(key);
    cursor = page.cursor;
  } while (cursor !== undefined);
}

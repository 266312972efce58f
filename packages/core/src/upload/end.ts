/** The moves of an upload, and what follows from its end. */
import { ignoreNotFound } from "../error.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toAttributes } from "../record/record.ts";
import { writeIf } from "../record/write.ts";
import type { Finding } from "../wire/finding.ts";
import type { UploadId } from "../wire/id.ts";
import { blobKey, uploadPrefix } from "../wire/key.ts";
import { type UploadStatus, allowedFrom, uploadMoves } from "../wire/status.ts";
import { type UploadRecord, loadUpload, uploadLifeSeconds } from "./record.ts";

type EndPorts = Pick<Ports, "table" | "blobs" | "bus" | "clock">;

/** Findings kept of one upload: nobody reads the thousandth. */
const maxFindings = 300;
/** Of all of them together: half of what an item has room for. */
const maxFindingBytes = 200 * 1024;

/** The first findings, as many as are kept. */
export function keptFindings(findings: readonly Finding[]): Finding[] {
  let left = maxFindingBytes;
  const fits = (finding: Finding) => (left -= Buffer.byteLength(JSON.stringify(finding))) >= 0;
  return findings.slice(0, maxFindings).filter(fits);
}

/** False when another delivery of the same event was faster. */
export async function moveUpload(
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

export async function rejectUpload(
  ports: EndPorts,
  upload: UploadRecord,
  findings: readonly Finding[],
): Promise<void> {
  await endUpload(ports, upload, "rejected", { findings: keptFindings(findings) });
}

export async function endUpload(
  ports: EndPorts,
  upload: UploadRecord,
  to: UploadStatus,
  change: object,
): Promise<void> {
  await moveUpload(ports, upload, to, change);
  await concludeUpload(ports, await loadUpload(ports.table, upload.id));
}

/** What follows from the end of an upload. May be repeated: after a crash, and when a client sends the bytes once more. */
export async function concludeUpload(ports: EndPorts, upload: UploadRecord): Promise<void> {
  if (upload.status === "rejected") await announceRejection(ports, upload);
  // What was accepted lives under its hash now. What was rejected stays for a while, so that its author can fetch it.
  else await ports.blobs.delete(blobKey.upload(upload.id));
  if (upload.kind === "bundle") await ports.blobs.delete(blobKey.checked(upload.id));
  await dropParts(ports, upload);
  await ports.table.write([{ kind: "delete", key: tableKey.open("UPLOAD", upload.id) }]);
}

/** Parts that came too late, or that a crash left behind when they were put together. */
async function dropParts({ blobs }: Pick<Ports, "blobs">, { id, partUploadId }: UploadRecord): Promise<void> {
  if (partUploadId !== undefined) await blobs.abortParts({ key: blobKey.upload(id), id: partUploadId });
}

async function announceRejection(ports: Pick<Ports, "bus" | "clock">, upload: UploadRecord): Promise<void> {
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

/**
 * Ends an upload whose bytes never came, and clears away what is left of one that is over. Called by the sweep, not
 * while the upload is checked.
 */
export async function expireUpload(ports: Pick<Ports, "table" | "blobs">, id: UploadId): Promise<void> {
  const upload = await loadUpload(ports.table, id).catch(ignoreNotFound);
  // False when the bytes came after all, just now: their check needs them.
  if (upload?.status === "waiting" && !(await moveUpload(ports, upload, "expired", {}))) return;
  if (upload !== undefined) await dropParts(ports, upload);
  await ports.blobs.delete(blobKey.upload(id));
  await ports.blobs.delete(blobKey.checked(id));
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

import { requireScope, type Principal } from "../access/principal.ts";
import { ignoreNotFound } from "../error.ts";
import type { Item, Key, Ports, SignedUpload, WriteOperation } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toItem } from "../record/record.ts";
import { type CreateUpload, type Scope, type Upload, createUploadSchema } from "../wire/api.ts";
import { isId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { type UploadPolicy, assertUploadSize, defaultUploadPolicy, planParts } from "./part-plan.ts";
import { type UploadRecord, lifeFrom, loadUpload, viewUpload } from "./record.ts";

/** How long a signed PUT works. Long enough for the largest over a slow line. */
const putSeconds = 6 * 3600;
/** An upload that expires sooner is not worth going on with. */
const leastRemainingSeconds = 3600;
const contentType = "application/zip";

type CreatePorts = Pick<Ports, "table" | "blobs" | "clock" | "ids">;

export interface CreatedUpload {
  readonly upload: Upload;
  /** Absent when it is sent in parts. */
  readonly put?: SignedUpload;
  /** Whether it was there before: the caller's own, in parts, of the same content and for the same use. */
  readonly continued: boolean;
}

/**
 * Registers an upload and signs the PUT for it, or, when it is large, has it sent in parts. Nothing happens until the
 * bytes have arrived. One in parts that was interrupted is found again by its content.
 * @throws Forbidden when a bundle is announced without the author scope; InvalidInput `upload_too_large`
 */
export async function createUpload(
  ports: CreatePorts,
  principal: Principal,
  input: CreateUpload,
  policy: UploadPolicy = defaultUploadPolicy,
): Promise<CreatedUpload> {
  const announced = createUploadSchema.parse(input);
  requireScope(principal, scopeFor(announced.kind));
  assertUploadSize(announced.size, policy);
  const record = newRecord(ports, principal, announced);
  const parts = planParts(record.size, policy);
  if (parts !== undefined) return createInParts(ports, { ...record, parts });
  await ports.table.write(creation(record));
  const put = await ports.blobs.signUpload({
    key: blobKey.upload(record.id),
    size: record.size,
    sha256: record.sha256,
    contentType,
    expiresInSeconds: putSeconds,
  });
  return { upload: viewUpload(record), put, continued: false };
}

/** Who may send uploads of a kind. */
export function scopeFor(kind: Upload["kind"]): Scope {
  return kind === "bundle" ? "author" : "submit";
}

/** How long a PUT may be signed for: no longer than the upload lives. Seconds, at least 1. */
export function signedSeconds(now: Date, usableUntil: string): number {
  const remaining = Math.floor((Date.parse(usableUntil) - now.getTime()) / 1000);
  return Math.max(1, Math.min(putSeconds, remaining));
}

function newRecord(ports: CreatePorts, principal: Principal, announced: CreateUpload): UploadRecord {
  const { kind, filename, size, sha256, environment, purpose } = announced;
  const now = ports.clock.now();
  return {
    id: ports.ids.next("upl"),
    kind,
    filename,
    size,
    sha256,
    purpose,
    ...(environment === undefined ? {} : { environment }),
    workspace: principal.workspace,
    createdBy: principal.name,
    status: "waiting",
    findings: [],
    checks: 0,
    createdAt: now.toISOString(),
    ...lifeFrom(now),
  };
}

function creation(record: UploadRecord): WriteOperation[] {
  const { id, createdAt } = record;
  return [
    { kind: "put", item: toItem(tableKey.upload(id), record), conditions: [{ kind: "absent" }] },
    { kind: "put", item: { ...tableKey.open("UPLOAD", id), since: createdAt } },
  ];
}

async function createInParts(ports: CreatePorts, record: UploadRecord): Promise<CreatedUpload> {
  const found = await findOpen(ports, record);
  if (found !== undefined) return { upload: viewUpload(found), continued: true };
  const partUpload = await ports.blobs.startParts(blobKey.upload(record.id), { contentType });
  const { id, expiresAt } = record;
  const pointer: Item = { ...pointerKey(record), uploadId: id, expiresAt };
  try {
    const begun = creation({ ...record, partUploadId: partUpload.id });
    await ports.table.write([...begun, { kind: "put", item: pointer }]);
  } catch (error) {
    // What this leaves when it fails too, the store removes by itself.
    await ports.blobs.abortParts(partUpload).catch(() => undefined);
    throw error;
  }
  return { upload: viewUpload(record), continued: false };
}

/** The same person's upload of the same content for the same use, when it is not over. */
async function findOpen(ports: CreatePorts, record: UploadRecord): Promise<UploadRecord | undefined> {
  const uploadId = (await ports.table.get(pointerKey(record)))?.["uploadId"];
  if (typeof uploadId !== "string" || !isId("upload", uploadId)) return undefined;
  const found = await loadUpload(ports.table, uploadId).catch(ignoreNotFound);
  if (found === undefined || found.size !== record.size) return undefined;
  const least = new Date(ports.clock.now().getTime() + leastRemainingSeconds * 1000).toISOString();
  const open = found.status === "checking" || (found.status === "waiting" && found.usableUntil > least);
  return open ? found : undefined;
}

function pointerKey({ workspace, createdBy, kind, purpose, environment = "", sha256 }: UploadRecord): Key {
  return tableKey.partUpload(workspace, createdBy, `${kind}#${purpose}#${environment}`, sha256);
}

import { requireScope, type Principal } from "../access/principal.ts";
import type { Ports, SignedUpload } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toItem } from "../record/record.ts";
import { type CreateUpload, type Upload, createUploadSchema } from "../wire/api.ts";
import { blobKey } from "../wire/key.ts";
import { type UploadRecord, uploadLifeSeconds, viewUpload } from "./record.ts";

/** How long the signed PUT works. Long enough for 5 GiB over a slow line. */
const putSeconds = 6 * 3600;

/**
 * Registers an upload and signs the PUT for it. Nothing happens until the bytes arrive.
 * @throws Forbidden when a bundle is announced without the author scope
 */
export async function createUpload(
  ports: Pick<Ports, "table" | "blobs" | "clock" | "ids">,
  principal: Principal,
  input: CreateUpload,
): Promise<{ upload: Upload; put: SignedUpload }> {
  const { kind, filename, size, sha256, environment, purpose } = createUploadSchema.parse(input);
  requireScope(principal, kind === "bundle" ? "author" : "submit");
  const now = ports.clock.now();
  const id = ports.ids.next("upl");
  const expires = new Date(now.getTime() + uploadLifeSeconds * 1000);
  const record: UploadRecord = {
    id,
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
    createdAt: now.toISOString(),
    expiresAt: expires.toISOString(),
    expiresAtSeconds: Math.floor(expires.getTime() / 1000),
  };
  await ports.table.write([
    { kind: "put", item: toItem(tableKey.upload(id), record), conditions: [{ kind: "absent" }] },
    { kind: "put", item: { ...tableKey.open("UPLOAD", id), since: now.toISOString() } },
  ]);
  const put = await ports.blobs.signUpload({
    key: blobKey.upload(id),
    size,
    sha256,
    contentType: "application/zip",
    expiresInSeconds: putSeconds,
  });
  return { upload: viewUpload(record), put };
}

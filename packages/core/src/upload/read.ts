import { type Principal, isMakerOf } from "../access/principal.ts";
import { NotFound } from "../error.ts";
import type { Ports } from "../ports.ts";
import type { Upload } from "../wire/api.ts";
import type { UploadId } from "../wire/id.ts";
import { type UploadRecord, loadUpload, viewUpload } from "./record.ts";

/** @throws NotFound also when it is someone else's */
export async function getUpload(
  ports: Pick<Ports, "table">,
  principal: Principal,
  id: UploadId,
): Promise<Upload> {
  return viewUpload(await loadOwnUpload(ports, principal, id));
}

/** The stored upload, when it is the principal's own (or they administer its workspace). @throws NotFound */
export async function loadOwnUpload(
  ports: Pick<Ports, "table">,
  principal: Principal,
  id: UploadId,
): Promise<UploadRecord> {
  const record = await loadUpload(ports.table, id);
  const { workspace, createdBy: by } = record;
  if (!isMakerOf(principal, { workspace, by })) throw new NotFound("upload", id);
  return record;
}

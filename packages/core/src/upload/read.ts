import { type Principal, hasScope } from "../access/principal.ts";
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

/** The stored upload, when it is the principal's own. @throws NotFound */
export async function loadOwnUpload(
  ports: Pick<Ports, "table">,
  principal: Principal,
  id: UploadId,
): Promise<UploadRecord> {
  const record = await loadUpload(ports.table, id);
  const mine = record.workspace === principal.workspace && record.createdBy === principal.name;
  const admin = record.workspace === principal.workspace && hasScope(principal, "admin");
  if (!mine && !admin) throw new NotFound("upload", id);
  return record;
}

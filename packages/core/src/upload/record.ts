import * as z from "zod";
import { NotFound } from "../error.ts";
import type { Table } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { readRecord } from "../record/record.ts";
import { type Upload, uploadSchema } from "../wire/api.ts";
import type { UploadId } from "../wire/id.ts";

/**
 * How long an upload and its findings are kept, so that an author can fetch what was rejected; and how long one in parts
 * can be continued: 50 GiB take five days at 1 Mbit/s.
 */
export const uploadLifeSeconds = 7 * 86_400;

/** An upload as stored: what the API shows, and what only we need. */
export const uploadRecordSchema = uploadSchema.extend({
  workspace: z.string(),
  createdBy: z.string(),
  purpose: z.enum(["publish", "run"]),
  /** The name asked for, of a bundle's environment. */
  environment: z.string().optional(),
  /** When the check under way, or the last one, began. */
  checkingAt: z.string().optional(),
  /** Of an upload in parts: the store's name for it. */
  partUploadId: z.string().optional(),
  /** When its parts were put together. */
  assembledAt: z.string().optional(),
  /** When the whole was found to have the hash that was announced: stores know only those of its parts. */
  verifiedAt: z.string().optional(),
  /** Of a submission: whether any of its files looks like code. */
  holdsCode: z.boolean().optional(),
  /** Seconds since the epoch, for the table's own expiry. */
  expiresAtSeconds: z.number(),
});
export type UploadRecord = z.infer<typeof uploadRecordSchema>;

/** @throws NotFound */
export async function loadUpload(table: Pick<Table, "get">, id: UploadId): Promise<UploadRecord> {
  const record = await readRecord(table, tableKey.upload(id), uploadRecordSchema);
  if (record === undefined) throw new NotFound("upload", id);
  return record;
}

/** What the API shows of it. */
export function viewUpload(record: UploadRecord): Upload {
  return uploadSchema.parse(record);
}

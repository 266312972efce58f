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

/** How long the record of one stays after that: whoever asks late is told what became of it. */
const recordLifeSeconds = 7 * 86_400;

/** An upload as stored: what the API shows, and what only we need. */
export const uploadRecordSchema = uploadSchema.omit({ expiresAt: true }).extend({
  workspace: z.string(),
  createdBy: z.string(),
  purpose: z.enum(["publish", "run"]),
  /** The name asked for, of a bundle's environment. */
  environment: z.string().optional(),
  /** When the check under way, or the last one, began. */
  checkingAt: z.string().optional(),
  /** How often a check was begun. */
  checks: z.int().default(0),
  /** Of an upload in parts: the store's name for it. */
  partUploadId: z.string().optional(),
  /** When its parts were put together. */
  assembledAt: z.string().optional(),
  /** When the whole was found to have the hash that was announced: stores know only those of its parts. */
  verifiedAt: z.string().optional(),
  /** Of a submission: whether any of its files looks like code. */
  holdsCode: z.boolean().optional(),
  /** Until when it can be sent and used: `expiresAt` in the API. */
  usableUntil: z.iso.datetime(),
  /** Seconds since the epoch: when the table may delete the record. */
  expiresAt: z.number(),
});
export type UploadRecord = z.infer<typeof uploadRecordSchema>;

/** Both ends of an upload that begins now. */
export function lifeFrom(now: Date): Pick<UploadRecord, "usableUntil" | "expiresAt"> {
  const end = now.getTime() + uploadLifeSeconds * 1000;
  return { usableUntil: new Date(end).toISOString(), expiresAt: Math.floor(end / 1000) + recordLifeSeconds };
}

/** @throws NotFound */
export async function loadUpload(table: Pick<Table, "get">, id: UploadId): Promise<UploadRecord> {
  const record = await readRecord(table, tableKey.upload(id), uploadRecordSchema);
  if (record === undefined) throw new NotFound("upload", id);
  return record;
}

/** What the API shows of it. */
export function viewUpload(record: UploadRecord): Upload {
  return uploadSchema.parse({ ...record, expiresAt: record.usableUntil });
}

import * as z from "zod";
import { NotFound } from "../error.ts";
import type { Table } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { readRecord } from "../record/record.ts";
import { submissionSchema } from "../wire/api.ts";
import type { SubmissionId } from "../wire/id.ts";

export const submissionRecordSchema = submissionSchema.extend({
  workspace: z.string(),
  /** Whether any of its files looks like code: decides which hint a failed ingestion gives. */
  holdsCode: z.boolean(),
});
export type SubmissionRecord = z.infer<typeof submissionRecordSchema>;

/** @throws NotFound */
export async function loadSubmission(table: Pick<Table, "get">, id: SubmissionId): Promise<SubmissionRecord> {
  const record = await readRecord(table, tableKey.submission(id), submissionRecordSchema);
  if (record === undefined) throw new NotFound("submission", id);
  return record;
}

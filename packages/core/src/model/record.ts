import type * as z from "zod";
import { NotFound } from "../error.ts";
import type { Table } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { readRecord } from "../record/record.ts";
import { modelSchema } from "../wire/api.ts";
import type { ModelId } from "../wire/id.ts";

export const modelRecordSchema = modelSchema;
export type ModelRecord = z.infer<typeof modelRecordSchema>;

/** By id, not by name: a model that is made anew under an old name has a key of its own. */
export function modelSecret(id: ModelId): string {
  return `model/${id}`;
}

/** @throws NotFound */
export async function loadModel(
  table: Pick<Table, "get">,
  workspace: string,
  name: string,
): Promise<ModelRecord> {
  const record = await readRecord(table, tableKey.model(workspace, name), modelRecordSchema);
  if (record === undefined)
    throw new NotFound("model", name, "List them with: benchgen model list — add one: benchgen model add");
  return record;
}

import { NotFound } from "../error.ts";
import type { Table } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { readRecord } from "../record/record.ts";
import { type Model, modelSchema } from "../wire/api.ts";
import type { ModelId } from "../wire/id.ts";

/** By id, not by name: a model that is made anew under an old name has a key of its own. */
export function modelSecret(id: ModelId): string {
  return `model/${id}`;
}

/** @throws NotFound */
export async function loadModel(table: Pick<Table, "get">, workspace: string, name: string): Promise<Model> {
  const record = await readRecord(table, tableKey.model(workspace, name), modelSchema);
  if (record === undefined)
    throw new NotFound("model", name, "List them with: benchgen model list — add one: benchgen model add");
  return record;
}

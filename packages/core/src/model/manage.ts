/** Adding, listing and removing the models of a workspace. */
import { type Principal, requireScope } from "../access/principal.ts";
import { Conflict } from "../error.ts";
import type { Page, Ports } from "../ports.ts";
import { partition, tableKey } from "../record/key.ts";
import { toItem } from "../record/record.ts";
import { writeIf } from "../record/write.ts";
import { type CreateModel, type Model, createModelSchema, modelSchema } from "../wire/api.ts";
import { loadModel, modelSecret } from "./record.ts";

/**
 * Adds a model. Its key goes to the secrets first, so a model that can be seen can be used.
 * @throws Conflict `model_exists`
 * @throws InvalidInput `upstream_url_refused`
 */
export async function addModel(
  ports: Pick<Ports, "table" | "secrets" | "upstream" | "clock" | "ids">,
  principal: Principal,
  input: CreateModel,
): Promise<Model> {
  requireScope(principal, "author");
  const { key, baseUrl, ...rest } = createModelSchema.parse(input);
  ports.upstream.assertUrl(baseUrl);
  const model: Model = {
    ...rest,
    id: ports.ids.next("mod"),
    workspace: principal.workspace,
    baseUrl: baseUrl.replace(/\/+$/, ""),
    hasKey: key !== undefined,
    createdAt: ports.clock.now().toISOString(),
  };
  if (key !== undefined) await ports.secrets.put(modelSecret(model.id), key);
  const item = toItem(tableKey.model(model.workspace, model.name), model);
  if (await writeIf(ports.table, [{ kind: "put", item, conditions: [{ kind: "absent" }] }])) return model;
  if (key !== undefined) await ports.secrets.delete(modelSecret(model.id));
  throw new Conflict("model_exists", `There is a model "${model.name}" already.`, {
    hint: `Take another name, or remove it first: benchgen model rm ${model.name}`,
  });
}

/** Models of the principal's workspace, by name. */
export async function listModels(
  ports: Pick<Ports, "table">,
  principal: Principal,
  page: { cursor?: string | undefined; limit: number },
): Promise<Page<Model>> {
  const found = await ports.table.query({
    ...partition.models(principal.workspace),
    limit: page.limit,
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  });
  return { ...found, items: found.items.map((item) => modelSchema.parse(item)) };
}

/** @throws NotFound */
export async function getModel(
  ports: Pick<Ports, "table">,
  principal: Principal,
  name: string,
): Promise<Model> {
  return loadModel(ports.table, principal.workspace, name);
}

/**
 * Removes a model and its key: calls of runs that still use the key fail within a minute. A run under way goes on with a
 * model that has none: there is nothing to withdraw. @throws NotFound
 */
export async function removeModel(
  ports: Pick<Ports, "table" | "secrets">,
  principal: Principal,
  name: string,
): Promise<void> {
  requireScope(principal, "author");
  const model = await loadModel(ports.table, principal.workspace, name);
  await ports.secrets.delete(modelSecret(model.id));
  const key = tableKey.model(model.workspace, model.name);
  // One that was made anew under the name in the meantime is another's, and stays.
  const conditions = [{ kind: "equals", attribute: "id", value: model.id }] as const;
  await writeIf(ports.table, [{ kind: "delete", key, conditions }]);
}

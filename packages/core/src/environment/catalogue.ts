import { type Principal, isAuthorOf, requireScope } from "../access/principal.ts";
import { Forbidden } from "../error.ts";
import type { Item, Page, Ports } from "../ports.ts";
import { indexKey, tableKey } from "../record/key.ts";
import type { IndexEntries } from "../record/record.ts";
import type { Environment } from "../wire/api.ts";
import { type EnvironmentRecord, environmentRecordSchema } from "./record.ts";
import { resolveEnvironment } from "./reference.ts";
import { viewEnvironment } from "./view.ts";

/** Where an environment is listed: nowhere while it is a trial. */
export function environmentIndexes(environment: EnvironmentRecord): IndexEntries {
  if (environment.trial) return {};
  const inWorkspace = { pk: indexKey.workspaceEnvironments(environment.workspace), sk: environment.name };
  const inPublic = {
    pk: indexKey.publicEnvironments(),
    sk: `${environment.workspace}/${environment.name}`,
  };
  return { gsi1: inWorkspace, ...(environment.visibility === "public" ? { gsi2: inPublic } : {}) };
}

/** By name: those of the principal's workspace, or with `public` those that any workspace has made public. */
export async function listEnvironments(
  ports: Pick<Ports, "table">,
  principal: Principal,
  query: { cursor?: string | undefined; limit: number; public?: boolean | undefined },
): Promise<Page<Environment>> {
  const page = await ports.table.query({
    ...(query.public === true
      ? { index: "gsi2" as const, pk: indexKey.publicEnvironments() }
      : { index: "gsi1" as const, pk: indexKey.workspaceEnvironments(principal.workspace) }),
    limit: query.limit,
    ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
  });
  return { ...page, items: page.items.map(readEnvironment) };
}

/** @throws NotFound */
export async function getEnvironment(
  ports: Pick<Ports, "table">,
  principal: Principal,
  reference: string,
): Promise<Environment> {
  const { environment } = await resolveEnvironment(ports, principal, reference);
  return viewEnvironment(environment);
}

/** Makes an environment public or private. @throws Forbidden to all but its authors */
export async function setVisibility(
  ports: Pick<Ports, "table" | "clock">,
  principal: Principal,
  reference: string,
  visibility: Environment["visibility"],
): Promise<Environment> {
  const { environment } = await resolveEnvironment(ports, principal, reference);
  requireAuthor(principal, environment);
  const updatedAt = ports.clock.now().toISOString();
  const changed = { ...environment, visibility, updatedAt };
  const { gsi2 } = environmentIndexes(changed);
  await ports.table.write([
    {
      kind: "update",
      key: tableKey.environment(environment.id),
      set: { visibility, updatedAt, ...(gsi2 ? { gsi2pk: gsi2.pk, gsi2sk: gsi2.sk } : {}) },
      ...(gsi2 ? {} : { remove: ["gsi2pk", "gsi2sk"] }),
      conditions: [{ kind: "exists" }],
    },
  ]);
  return viewEnvironment(changed);
}

/** @throws Forbidden `not_the_author` */
export function requireAuthor(principal: Principal, environment: EnvironmentRecord): void {
  requireScope(principal, "author");
  if (isAuthorOf(principal, environment)) return;
  throw new Forbidden(
    "not_the_author",
    `"${environment.name}" belongs to the workspace "${environment.workspace}".`,
  );
}

function readEnvironment(item: Item): Environment {
  return viewEnvironment(environmentRecordSchema.parse(item));
}

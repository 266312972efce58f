/** How people name environments: an id, `name`, or `workspace/name`; `@3` at the end names a version. */
import { type Principal, isAuthorOf } from "../access/principal.ts";
import { InvalidInput, NotFound } from "../error.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { type EnvironmentId, isId } from "../wire/id.ts";
import { type EnvironmentRecord, loadEnvironment } from "./record.ts";

export interface EnvironmentReference {
  readonly id?: EnvironmentId;
  readonly workspace?: string;
  readonly name?: string;
  readonly version?: number;
}

/** @throws InvalidInput `reference_invalid` */
export function parseReference(text: string): EnvironmentReference {
  const match = /^(?:([^/@\s]+)\/)?([^/@\s]+)(?:@(\d{1,8}))?$/.exec(text);
  const [, workspace, name, number] = match ?? [];
  if (name === undefined || (number !== undefined && Number(number) < 1)) {
    throw new InvalidInput("reference_invalid", `"${text}" does not name an environment.`, {
      hint: "Write its name (penguins), its name with a version (penguins@2), or its id (env_…).",
    });
  }
  const version = number === undefined ? {} : { version: Number(number) };
  if (workspace === undefined && isId("environment", name)) return { id: name, ...version };
  return { name, ...(workspace === undefined ? {} : { workspace }), ...version };
}

/**
 * The environment a reference names, when the principal may see it, and the version it asks for.
 * @throws NotFound also when it is private and not the principal's
 */
export async function resolveEnvironment(
  ports: Pick<Ports, "table">,
  principal: Principal,
  text: string,
): Promise<{ environment: EnvironmentRecord; number: number | undefined }> {
  const reference = parseReference(text);
  const id = reference.id ?? (await idOfName(ports, principal, reference, text));
  const environment = await loadEnvironment(ports.table, id).catch((error: unknown) => {
    throw error instanceof NotFound ? notFound(text) : error;
  });
  if (!maySee(principal, environment)) throw notFound(text);
  return { environment, number: reference.version };
}

/** Private environments are seen by their workspace; a trial only by those who write there. */
function maySee(principal: Principal, environment: EnvironmentRecord): boolean {
  if (environment.trial) return isAuthorOf(principal, environment);
  return environment.visibility === "public" || environment.workspace === principal.workspace;
}

async function idOfName(
  ports: Pick<Ports, "table">,
  principal: Principal,
  { workspace = principal.workspace, name = "" }: EnvironmentReference,
  text: string,
): Promise<EnvironmentId> {
  const taken = await ports.table.get(tableKey.environmentName(workspace, name));
  if (typeof taken?.["environmentId"] !== "string") throw notFound(text);
  return taken["environmentId"] as EnvironmentId;
}

function notFound(text: string): NotFound {
  return new NotFound("environment", text, "List those you can see with: benchgen env list");
}

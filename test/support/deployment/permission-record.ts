/** What the functions of deployments did, kept until the last test file is over: the check of their roles reads it. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Permission } from "./call.ts";
import type { Deployment } from "./deployment.ts";
import { callerFunction } from "./fault.ts";
import type { Statement } from "./policy.ts";

/** Of one deployment. */
export interface PermissionRecord {
  /** By the function's name; `workflow` is the state machine. */
  readonly roles: Readonly<Record<string, readonly Statement[]>>;
  /** Each once, by the function's name. */
  readonly used: Readonly<Record<string, readonly Permission[]>>;
}

/** Where vitest's configuration says that records are kept. */
const directory = process.env["BENCHGEN_TEST_PERMISSIONS"];

/** Writes down what happened; nothing where nobody asked for it. */
export function recordPermissions({ description, proxy, machine, ecs }: Omit<Deployment, "close">): void {
  if (directory === undefined) return;
  const used = new Map<string, Map<string, Permission>>();
  const use = (who: string, permission: Permission): void => {
    const known = used.get(who) ?? new Map<string, Permission>();
    used.set(who, known.set(JSON.stringify(permission), permission));
  };
  for (const { caller, permissions } of proxy.calls) {
    for (const permission of permissions) use(callerFunction(caller), permission);
  }
  for (const permission of [...machine.permissions(), ...ecs.permissions()]) use("workflow", permission);
  const record: PermissionRecord = {
    roles: {
      ...Object.fromEntries(description.functions.map(({ name, statements }) => [name, statements])),
      workflow: description.machine.statements,
    },
    used: Object.fromEntries([...used].map(([who, permissions]) => [who, [...permissions.values()]])),
  };
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${crypto.randomUUID()}.json`), JSON.stringify(record));
}

export function readPermissions(): PermissionRecord[] {
  if (directory === undefined || !existsSync(directory)) return [];
  return readdirSync(directory).map(
    (name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as PermissionRecord,
  );
}

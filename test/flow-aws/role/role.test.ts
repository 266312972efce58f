import { describe, expect, it } from "vitest";
import { readPermissions } from "../../support/deployment/permission-record.ts";
import { covers, grantsOf, isAllowed, matches } from "../../support/deployment/policy.ts";
import { explained } from "./explained.ts";

const records = readPermissions();

/** The suffix a deployment's own names have. */
const withoutSuffix = (resource: string): string => resource.replace(/-[a-z0-9]{5,8}(?=\/|$)/, "-…");

describe.skipIf(records.length === 0)("a function's role", () => {
  it("allows everything the function does", () => {
    const denied = records.flatMap(({ roles, used }) =>
      Object.entries(used).flatMap(([who, permissions]) =>
        permissions
          .filter((permission) => !isAllowed(permission, roles[who] ?? []))
          .map(({ action, resource }) => `${who}: ${action} on ${withoutSuffix(resource)}`),
      ),
    );
    expect([...new Set(denied)].sort()).toEqual([]);
  });

  it("allows nothing the function never does, unless that is explained", () => {
    const all = new Set<string>();
    const used = new Set<string>();
    for (const { roles, used: done } of records) {
      for (const [who, statements] of Object.entries(roles)) {
        for (const grant of grantsOf(statements)) {
          const name = `${who}: ${grant.action} on ${withoutSuffix(grant.resource)}`;
          all.add(name);
          if ((done[who] ?? []).some((permission) => covers(grant, permission))) used.add(name);
          const isExplained = explained.some(
            ({ role, action, resource = "*" }) =>
              matches(role, who) && matches(action, grant.action) && matches(resource, grant.resource),
          );
          if (isExplained) used.add(name);
        }
      }
    }
    expect([...all].filter((name) => !used.has(name)).sort()).toEqual([]);
  });
});

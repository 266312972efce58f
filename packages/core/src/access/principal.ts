import { Forbidden } from "../error.ts";
import { type Scope, scopes } from "../wire/api.ts";
import type { TokenId } from "../wire/id.ts";

/** Who is asking. */
export interface Principal {
  readonly workspace: string;
  /** The participant's name, unique in the workspace. */
  readonly name: string;
  readonly scope: Scope;
  /** Of the token it came with, where it came with one. */
  readonly tokenId?: TokenId;
  readonly expiresAt?: string;
}

/** Whether the principal holds that scope or a wider one. */
export function hasScope(principal: Principal, scope: Scope): boolean {
  return scopes.indexOf(principal.scope) >= scopes.indexOf(scope);
}

/** @throws Forbidden `scope_missing` */
export function requireScope(principal: Principal, scope: Scope): void {
  if (hasScope(principal, scope)) return;
  throw new Forbidden(
    "scope_missing",
    `This needs a token with the scope "${scope}"; yours has "${principal.scope}".`,
    {
      hint: `Ask an administrator for one: benchgen token create ${principal.name} --scope ${scope}`,
    },
  );
}

/** What belongs to a workspace: its name, and who may change it. */
export interface Owned {
  readonly workspace: string;
}

/** Whether the principal writes the environments of that workspace, and so sees what its participants may not. */
export function isAuthorOf(principal: Principal, owned: Owned): boolean {
  return principal.workspace === owned.workspace && hasScope(principal, "author");
}

/** Whether the principal made it, or administers the workspace it was made in. */
export function isMakerOf(principal: Principal, made: Owned & { readonly by: string }): boolean {
  if (principal.workspace !== made.workspace) return false;
  return principal.name === made.by || hasScope(principal, "admin");
}

/** A participant as stored: unique across workspaces. */
export function participantOf({ workspace, name }: Pick<Principal, "workspace" | "name">): string {
  return `${workspace}/${name}`;
}

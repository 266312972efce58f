/** API tokens. Only their SHA-256 is stored; the secret is shown once. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { NotFound, Unauthenticated } from "../error.ts";
import type { Page, Ports } from "../ports.ts";
import { indexKey, tableKey } from "../record/key.ts";
import { readRecord, toItem } from "../record/record.ts";
import { type Token, createTokenSchema, tokenSchema } from "../wire/api.ts";
import type { TokenId } from "../wire/id.ts";
import { type Principal, requireScope } from "./principal.ts";

/** Makes a leaked secret recognisable to scanners. */
const secretPrefix = "bg_";
/** Longer than any secret of ours: not worth a hash. */
const maxSecretChars = 512;

const tokenRecordSchema = tokenSchema.extend({ hash: z.string() });

/** SHA-256 in hex. A token has 128 bits of entropy or more, so a fast hash is enough. */
export function hashToken(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** @throws Forbidden without the admin scope */
export async function createToken(
  ports: Pick<Ports, "table" | "clock" | "ids">,
  principal: Principal,
  input: z.input<typeof createTokenSchema>,
): Promise<{ token: Token; secret: string }> {
  requireScope(principal, "admin");
  const { name, scope, expiresInDays } = createTokenSchema.parse(input);
  const secret = secretPrefix + ports.ids.token();
  const hash = hashToken(secret);
  const now = ports.clock.now();
  const token: Token = {
    id: ports.ids.next("tok"),
    name,
    workspace: principal.workspace,
    scope,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + expiresInDays * 86_400_000).toISOString(),
  };
  const item = toItem(
    tableKey.token(hash),
    { ...token, hash },
    { gsi1: { pk: indexKey.workspaceTokens(principal.workspace), sk: token.id } },
  );
  await ports.table.write([{ kind: "put", item, conditions: [{ kind: "absent" }] }]);
  return { token, secret };
}

/** Tokens of the principal's workspace that still work, oldest first. A page may have fewer than asked for, even none. */
export async function listTokens(
  ports: Pick<Ports, "table" | "clock">,
  principal: Principal,
  page: { cursor?: string | undefined; limit: number },
): Promise<Page<Token>> {
  requireScope(principal, "admin");
  const found = await ports.table.query({
    index: "gsi1",
    pk: indexKey.workspaceTokens(principal.workspace),
    limit: page.limit,
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  });
  const now = ports.clock.now();
  const tokens = found.items.map((item) => tokenSchema.parse(item));
  return { ...found, items: tokens.filter((token) => isCurrent(token, now)) };
}

/** @throws NotFound when the workspace has no such token */
export async function revokeToken(
  ports: Pick<Ports, "table">,
  principal: Principal,
  tokenId: TokenId,
): Promise<void> {
  requireScope(principal, "admin");
  const found = await ports.table.query({
    index: "gsi1",
    pk: indexKey.workspaceTokens(principal.workspace),
    range: { prefix: tokenId },
    limit: 1,
  });
  const item = found.items[0];
  if (item === undefined) throw new NotFound("token", tokenId, "List them with: benchgen token list");
  await ports.table.write([{ kind: "delete", key: { pk: item.pk, sk: item.sk } }]);
}

/**
 * Who a secret speaks for.
 * @throws Unauthenticated `token_invalid` when it is unknown or expired: the two are not told apart
 */
export async function authenticate(
  ports: Pick<Ports, "table" | "clock">,
  secret: string,
): Promise<Principal> {
  const token =
    secret.length > maxSecretChars
      ? undefined
      : await readRecord(ports.table, tableKey.token(hashToken(secret)), tokenRecordSchema);
  if (token === undefined || !isCurrent(token, ports.clock.now())) {
    throw new Unauthenticated("token_invalid", "The token is unknown, revoked or expired.", {
      hint: "Ask an administrator for a new one: benchgen token create NAME --scope SCOPE",
    });
  }
  const { workspace, name, scope, id: tokenId, expiresAt } = token;
  return { workspace, name, scope, tokenId, expiresAt };
}

function isCurrent({ expiresAt }: Pick<Token, "expiresAt">, now: Date): boolean {
  return expiresAt > now.toISOString();
}

import type { Principal } from "@benchgen/core/access/principal.ts";
import { Unauthenticated } from "@benchgen/core/error.ts";

/**
 * The secret of `Authorization: Bearer SECRET`.
 * @throws Unauthenticated `token_missing` when there is none, or another scheme
 */
export function readBearer(request: { readonly headers: Pick<Headers, "get"> }): string {
  // RFC 6750: one scheme, one space, the characters of a b64token. The scheme's case does not matter (RFC 9110).
  const secret = /^bearer +([\w~+/.-]+=*) *$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (secret !== undefined) return secret;
  throw new Unauthenticated("token_missing", "This needs a token, and the request has none.", {
    hint: "Send the header Authorization: Bearer TOKEN. An administrator makes tokens with: benchgen token create NAME --scope SCOPE",
  });
}

/**
 * Authenticates requests by their bearer token, and by nothing else.
 * @param lookUp whom a secret speaks for; throws Unauthenticated for one it does not know
 */
export function bearerAuth(
  lookUp: (secret: string) => Promise<Principal>,
): (request: Request) => Promise<Principal> {
  return async (request) => lookUp(readBearer(request));
}

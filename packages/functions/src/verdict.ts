/** What the authorizer tells the API about a request, in the context that API Gateway carries from one to the other. */
import {
  type BenchgenError,
  Forbidden,
  InvalidInput,
  PlatformFault,
  Unauthenticated,
} from "@benchgen/core/error.ts";
import { type Identity, identitySchema } from "@benchgen/core/wire/api.ts";
import * as z from "zod";

const refusalSchema = z.object({
  name: z.string(),
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
});

/** Values of the context are text. */
const verdictSchema = z.union([z.object({ principal: z.string() }), z.object({ refused: z.string() })]);
export type Verdict = z.infer<typeof verdictSchema>;

export function admit(principal: Identity): Verdict {
  return { principal: JSON.stringify(identitySchema.parse(principal)) };
}

export function refuse({ name, code, message, hint }: BenchgenError): Verdict {
  return { refused: JSON.stringify({ name, code, message, hint }) };
}

/**
 * The principal that was admitted.
 * @throws BenchgenError what the authorizer refused with; Unauthenticated `token_unchecked` when it said nothing
 */
export function readVerdict(context: unknown): Identity {
  const verdict = verdictSchema.safeParse(context);
  if (!verdict.success) {
    // A mistake in the gateway's routes must not let anybody in.
    throw new Unauthenticated("token_unchecked", "Nothing has looked at the token of this request.");
  }
  if ("principal" in verdict.data) return identitySchema.parse(JSON.parse(verdict.data.principal));
  throw errorOf(refusalSchema.parse(JSON.parse(verdict.data.refused)));
}

function errorOf({ name, code, message, hint }: z.infer<typeof refusalSchema>): BenchgenError {
  const classes = { Forbidden, InvalidInput, PlatformFault };
  const named = Object.entries(classes).find(([known]) => known === name)?.[1] ?? Unauthenticated;
  return new named(code, message, hint === undefined ? {} : { hint });
}

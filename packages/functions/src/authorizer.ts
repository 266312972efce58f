/**
 * Who sends a request. Every request is let through to the API, with the principal or with why there is none: a refusal
 * of API Gateway's own is no problem+json. Nothing is cached, so that a revoked token opens nothing from then on.
 */
import { readBearer } from "@benchgen/api/bearer.ts";
import { authenticate } from "@benchgen/core/access/token.ts";
import { BenchgenError } from "@benchgen/core/error.ts";
import * as z from "zod";
import { type Handler, told } from "./handler.ts";
import { once } from "./once.ts";
import { clock, table } from "./port.ts";
import { type Verdict, admit, refuse } from "./verdict.ts";

/** Payload format 2.0; the names of headers are in lower case. */
const eventSchema = z.object({ headers: z.object({ authorization: z.string().optional() }).default({}) });

const ports = once(() => ({ table: table(), clock }));

export const handler: Handler<{ isAuthorized: true; context: Verdict }> = (event, context) =>
  told("authorizer", context, async (add) => {
    const { authorization = null } = eventSchema.parse(event).headers;
    try {
      const principal = await authenticate(ports(), readBearer({ headers: { get: () => authorization } }));
      add({ workspace: principal.workspace, token: principal.tokenId });
      return { isAuthorized: true, context: admit(principal) };
    } catch (error) {
      if (!(error instanceof BenchgenError)) throw error;
      add({ refused: error.code });
      return { isAuthorized: true, context: refuse(error) };
    }
  });

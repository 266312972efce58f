/** What resources have in common. */
import * as z from "zod";
import { findingSchema } from "../finding.ts";

/** ISO 8601, UTC. */
export const time = z.iso.datetime();
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits");
/** Column key to value. */
export const scores = z.record(z.string(), z.number());
/** Column key to why it has no value. */
export const unscored = z.record(z.string(), z.string());

/** How environments are named inside a workspace: the last part of `workspace/name`. */
export const slugSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, "must be 1 to 64 lower-case letters, digits and hyphens")
  .meta({ examples: ["penguins"] });

/** RFC 9457 `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    /** Stable; what a client should branch on. */
    code: z.string(),
    detail: z.string(),
    hint: z.string().optional(),
    findings: z.array(findingSchema).optional(),
    /** `urn:uuid:…` of an unexpected error: what the server's log calls it. */
    instance: z.string().optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problemSchema>;

/** A page of anything. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), cursor: z.string().optional() });
}

export const pageQuerySchema = z.object({
  cursor: z.string().max(4096).optional().meta({ description: "From the page before." }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .meta({ description: "Items on a page, at most." }),
});

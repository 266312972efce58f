/** Tokens, and the server itself. */
import * as z from "zod";
import { idSchema } from "../id.ts";
import { time } from "./common.ts";

/** Each includes what it needs of the ones before it: an author may also submit and read. */
export const scopes = ["read", "submit", "author", "admin"] as const;
export type Scope = (typeof scopes)[number];

/** Ten years. */
export const maxTokenDays = 3650;

export const createTokenSchema = z.object({
  /** The participant it speaks for. */
  name: z.string().regex(/^[\w.@-]{1,64}$/, "must be 1 to 64 letters, digits, and _ . @ -"),
  scope: z.enum(scopes),
  expiresInDays: z.int().min(1).max(maxTokenDays).default(365),
});

export const tokenSchema = z
  .object({
    id: idSchema("token"),
    name: z.string(),
    workspace: z.string(),
    scope: z.enum(scopes),
    createdAt: time,
    expiresAt: time,
  })
  .meta({ id: "Token" });
export type Token = z.infer<typeof tokenSchema>;

/** The secret is shown once, here. */
export const createdTokenSchema = z.object({ token: tokenSchema, secret: z.string() });

/** Who a request speaks for. */
export const identitySchema = z
  .object({
    name: z.string(),
    workspace: z.string(),
    scope: z.enum(scopes),
    /** Absent where no token was needed: on one's own machine. */
    tokenId: idSchema("token").optional(),
    expiresAt: time.optional(),
  })
  .meta({ id: "Identity" });
export type Identity = z.infer<typeof identitySchema>;

export const healthSchema = z.object({ status: z.literal("ok"), version: z.string() });

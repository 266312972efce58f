/** Tokens that open a model to one program of one run, and nothing else to anybody. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { hashToken } from "../access/token.ts";
import type { Ports, WriteOperation } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { readRecord, toItem } from "../record/record.ts";
import { type Model, modelPricesSchema } from "../wire/api.ts";
import { idSchema } from "../wire/id.ts";
import { programNames } from "../wire/job.ts";
import { budgetSchema } from "./budget.ts";
import { GatewayRefusal } from "./refusal.ts";

/** The model as it was when the run was planned: what is measured is measured by one price list. */
export const grantSchema = z.object({
  modelId: idSchema("model"),
  /** In its workspace. */
  name: z.string(),
  baseUrl: z.string(),
  /** As the endpoint calls it. */
  model: z.string(),
  prices: modelPricesSchema.optional(),
  hasKey: z.boolean(),
});
export type Grant = z.infer<typeof grantSchema>;

/** What a token opens. */
export const gatewayAccessSchema = z.object({
  runId: idSchema("run"),
  taskIndex: z.int(),
  program: z.enum(programNames),
  grant: grantSchema,
  budget: budgetSchema,
  expiresAt: z.string(),
});
export type GatewayAccess = z.infer<typeof gatewayAccessSchema>;

export function grantOf({ id, name, baseUrl, model, prices, hasKey }: Model): Grant {
  return { modelId: id, name, baseUrl, model, hasKey, ...(prices === undefined ? {} : { prices }) };
}

/**
 * The token of a job's program. It follows from the job's own token, which only the stages around the program have, so
 * it is stored nowhere and is the same however often the job's spec is read; the way back is not open.
 */
export function gatewayToken(jobToken: string, program: GatewayAccess["program"]): string {
  const hash = createHash("sha256").update(`benchgen gateway ${program} ${jobToken}`).digest("base64url");
  return `bgm_${hash}`;
}

/** Opens the model to whoever has the token. */
export function grantOperation(token: string, access: GatewayAccess): WriteOperation {
  return { kind: "put", item: toItem(tableKey.gatewayToken(hashToken(token)), access) };
}

/** @throws GatewayRefusal `token_invalid` when it is unknown, expired, or its job is over */
export async function openGateway(
  ports: Pick<Ports, "table" | "clock">,
  token: string,
): Promise<GatewayAccess> {
  const found = await readRecord(ports.table, tableKey.gatewayToken(hashToken(token)), gatewayAccessSchema);
  if (found !== undefined && found.expiresAt > ports.clock.now().toISOString()) return found;
  throw new GatewayRefusal("token_invalid", "The token is unknown or expired, or its job is over.", {
    status: 401,
  });
}

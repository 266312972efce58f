/** Models: OpenAI-compatible endpoints that runs are made against. Their keys go in and never come out. */
import * as z from "zod";
import { idSchema } from "../id.ts";
import { slugSchema, time } from "./common.ts";

const price = z.number().nonnegative().max(1_000_000);

/** What a model costs, US dollars per million tokens. Cost is unknown, not zero, without it. */
export const modelPricesSchema = z.object({
  input: price,
  /** Of input tokens the provider had cached; default: as `input`. */
  cachedInput: price.optional(),
  output: price,
  /** Which price list this is: a date, or any name. Every recorded cost names it. */
  version: z.string().min(1).max(64),
});
export type ModelPrices = z.infer<typeof modelPricesSchema>;

export const createModelSchema = z.object({
  /** Unique in its workspace. */
  name: slugSchema,
  /** Up to and including the version: `https://api.openai.com/v1`. */
  baseUrl: z
    .url()
    .max(1000)
    .refine((url) => !/\/completions\/*$/.test(url), "must end before /chat/completions, with /v1 mostly"),
  /** As the endpoint calls it: `gpt-4.1-mini`. */
  model: z.string().min(1).max(300),
  prices: modelPricesSchema.optional(),
  /** Kept as a secret. Absent: the endpoint asks for none. */
  key: z
    .string()
    .regex(/^[\x21-\x7e]{1,8192}$/, "must be one word of printable ASCII characters")
    .optional(),
});
export type CreateModel = z.infer<typeof createModelSchema>;

export const modelSchema = z
  .object({
    id: idSchema("model"),
    name: slugSchema,
    workspace: z.string(),
    baseUrl: z.string(),
    model: z.string(),
    prices: modelPricesSchema.optional(),
    /** Whether a key is kept for it. */
    hasKey: z.boolean(),
    createdAt: time,
  })
  .meta({ id: "Model" });
export type Model = z.infer<typeof modelSchema>;

/** What came of one small call to a model. */
export const modelTestSchema = z
  .object({
    ok: z.boolean(),
    latencyMs: z.number(),
    /** HTTP status of the endpoint; absent when it gave none. */
    status: z.int().optional(),
    /** The beginning of what it answered. Untrusted. */
    answer: z.string().optional(),
    usage: z.object({ inputTokens: z.int(), outputTokens: z.int() }).optional(),
    /** US dollars; absent when unknown. */
    costUsd: z.number().optional(),
    /** Why it is not ok. */
    problem: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
  })
  .meta({ id: "ModelTest" });
export type ModelTest = z.infer<typeof modelTestSchema>;

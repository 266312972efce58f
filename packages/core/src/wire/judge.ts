/** Asking a model why cases failed, where a rule could not tell. */
import * as z from "zod";
import { slugSchema } from "./api/common.ts";
import { idSchema } from "./id.ts";

const count = z.int().nonnegative();

/** What a judge may say of a failed case; nothing else it says is heard. */
export const judgedCategories = [
  "factual_error",
  "hallucination",
  "wrong_format",
  "refusal",
  "incorrect",
] as const;
export type JudgedCategory = (typeof judgedCategories)[number];

/** So many calls end well before an HTTP API on AWS gives up, after 30 seconds. */
export const maxJudgedAtOnce = 20;

export const judgeFailuresSchema = z.object({
  /** Name of a model of your workspace. */
  model: slugSchema,
  /** Cases it is asked about in this request. */
  limit: z.int().min(1).max(maxJudgedAtOnce).default(maxJudgedAtOnce),
  /** The most this request may cost, US dollars. */
  maxCostUsd: z.number().nonnegative().max(1_000_000).optional(),
  /** Where an earlier request of the same run ended. */
  cursor: z.string().max(1000).optional(),
});
export type JudgeFailures = z.infer<typeof judgeFailuresSchema>;

/** What came of one request. */
export const judgePassSchema = z
  .object({
    version: z.literal(1),
    runId: idSchema("run"),
    judge: z.object({ name: z.string(), model: z.string() }),
    /** The judge is the model that the run evaluated: it may be mild with its own mistakes. */
    judgesItself: z.boolean().optional(),
    /** Cases with a verdict. */
    judged: count,
    /** Cases left as they were, because the judge's answer was none of those it may give. It is not asked again. */
    unreadable: count,
    /** Verdicts by category. */
    categories: z.partialRecord(z.enum(judgedCategories), count),
    inputTokens: count,
    outputTokens: count,
    /** US dollars; null when the prices are unknown. */
    costUsd: z.number().nullable(),
    /** `cost`: another call could have passed the limit. `verdicts`: the run has as many as are kept. */
    endedBy: z.enum(["cost", "verdicts"]).optional(),
    /** Why calls had no answer; their cases are left for the next request. */
    problem: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }).optional(),
    /** Whether every case was looked at. If not, the next request goes on at the cursor, or at the beginning. */
    done: z.boolean(),
    cursor: z.string().optional(),
  })
  .meta({ id: "JudgePass" });
export type JudgePass = z.infer<typeof judgePassSchema>;

/** What the cases of a run come to: metrics with how sure they are, and failures in groups. */
import * as z from "zod";
import { caseCountsSchema, caseReferenceSchema, failureSources } from "./case.ts";
import { findingSchema } from "./finding.ts";
import { idSchema } from "./id.ts";

const count = z.int().nonnegative();

/**
 * Where the true value lies with 95 % confidence, chance in the choice of cases alone considered. `wilson` for shares of
 * independent cases, `t` for means, `clustered_t` where cases belong together; `bootstrap` for means
 * when it was asked for, whole clusters resampled where there are any.
 */
export const intervalSchema = z.object({
  low: z.number(),
  high: z.number(),
  method: z.enum(["wilson", "t", "clustered_t", "bootstrap"]),
  /** Of `bootstrap`: with these it comes out the same again. */
  resampling: z.object({ seed: z.int(), samples: z.int(), generator: z.string() }).optional(),
});
export type Interval = z.infer<typeof intervalSchema>;

export const estimateSchema = z.object({
  value: z.number(),
  /** Cases it is the mean of; repeats of one are averaged first. */
  n: count,
  /** Absent where there are too few cases to tell. */
  interval: intervalSchema.optional(),
});
export type Estimate = z.infer<typeof estimateSchema>;

export const caseReportSchema = z
  .object({
    /** Of results: every repeat of a case counts. */
    counts: caseCountsSchema,
    /** Different cases. */
    cases: count,
    /** The most results a case has; 1 when none is repeated. */
    repeats: count,
    /** Groups of cases that belong together (`metadata.cluster`); absent when no case names one. */
    clusters: count.optional(),
    /** Share passed of what was scored; absent when nothing was. */
    accuracy: estimateSchema.optional(),
    /** Mean of `score`; absent when no case has one. */
    score: estimateSchema.optional(),
    /** Means of what `scores` names. */
    scores: z.record(z.string(), estimateSchema),
    /** Chance that at least one of k repeats passes, estimated without bias; k up to the fewest repeats of a case. */
    passAtK: z.array(z.object({ k: z.int().positive(), value: z.number() })),
    /** Results whose latency, tokens and cost the gateway measured. Of the others they are the program's claims. Absent: 0. */
    measured: count.optional(),
    /** Of results that state it. */
    latencyMs: z.object({ n: count, mean: z.number(), p50: z.number(), p95: z.number() }).optional(),
    /** Summed over the results that state them. */
    tokens: z
      .object({
        /** Results that state input, output, or both. */
        n: count,
        /** Absent, as what is per result, when none states it. */
        input: count.optional(),
        output: count.optional(),
        inputPerCase: z.number().optional(),
        outputPerCase: z.number().optional(),
      })
      .optional(),
    /** Null: unknown, because a price is unknown for at least one result. `n` are known. */
    costUsd: z.object({
      n: count,
      total: z.number().nullable(),
      /** Per result. */
      perCase: z.number().nullable(),
    }),
    /** Failures that are refusals, and those of them a rule only suspects. */
    refusals: z.object({ total: count, suspected: count }),
    /** Most frequent first. */
    failures: z.array(z.object({ category: z.string(), count })),
  })
  .meta({ id: "CaseReport" });
export type CaseReport = z.infer<typeof caseReportSchema>;

export const runReportSchema = z
  .object({
    version: z.literal(1),
    runId: idSchema("run"),
    name: z.string(),
    environment: z.string(),
    environmentVersion: z.int(),
    overall: caseReportSchema.optional(),
    tasks: z.array(z.object({ index: count, name: z.string(), report: caseReportSchema })).meta({
      description: "Those that reported cases, each by itself.",
    }),
    /** What was wrong with their results.jsonl. */
    problems: z.array(
      z.object({
        task: count,
        /** Lines whose case is lost. */
        lost: count,
        /** How many there are; the first are listed. */
        total: count,
        findings: z.array(findingSchema),
      }),
    ),
  })
  .meta({
    id: "RunReport",
    // Beside a reference to a schema with a name of its own, a description would write that schema out again.
    description: "`overall` is of the cases of all `tasks` together; absent when no program reported any.",
  });
export type RunReport = z.infer<typeof runReportSchema>;

export const failureGroupSchema = z.object({
  /** What its cases have in common, numbers, names and quotations left out. */
  signature: z.string(),
  count,
  /** The first of them. */
  examples: z.array(
    caseReferenceSchema.extend({ input: z.string().optional(), output: z.string().optional() }),
  ),
});
export type FailureGroup = z.infer<typeof failureGroupSchema>;

export const failureCategorySchema = z.object({
  category: z.string(),
  count,
  /** How many of them were put here by whom. */
  sources: z.partialRecord(z.enum(failureSources), count),
  /** Of them, not for certain. */
  suspected: count,
  /** Most frequent first. */
  groups: z.array(failureGroupSchema),
  /** Cases in groups that are not listed. */
  others: count,
});
export type FailureCategory = z.infer<typeof failureCategorySchema>;

/** Why cases failed, alike ones together. */
export const runFailuresSchema = z
  .object({
    version: z.literal(1),
    runId: idSchema("run"),
    total: count,
    /** Most frequent first. */
    categories: z.array(failureCategorySchema),
    /** Cases in categories that are not listed. */
    others: count,
  })
  .meta({ id: "RunFailures" });
export type RunFailures = z.infer<typeof runFailuresSchema>;

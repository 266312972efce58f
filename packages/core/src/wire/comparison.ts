/** Runs over the same cases, compared case by case. */
import * as z from "zod";
import { caseReferenceSchema } from "./case.ts";
import { idSchema } from "./id.ts";
import { runStatuses } from "./status.ts";

const count = z.int().nonnegative();

/** Runs in one comparison: each is read whole. */
export const maxComparedRuns = 6;

/** Cases of each kind that are shown, unless more of those that were fixed and broken are asked for, and the most. */
export const exampleCount = { default: 10, most: 100 };

export const comparedRunSchema = z.object({
  /** `A` for the first, which the others are compared with; then `B`, `C`, … */
  label: z.string(),
  id: idSchema("run"),
  name: z.string(),
  environment: z.string(),
  environmentVersion: z.int(),
  status: z.enum(runStatuses),
});
export type ComparedRun = z.infer<typeof comparedRunSchema>;

/**
 * The other run less the first, case by case. `tango` for shares of independent cases, `t` for means, `clustered_t` where
 * cases belong together, `sign` for medians. Without `low` and `high` there are too few cases to tell.
 */
export const pairedDifferenceSchema = z.object({
  estimate: z.number(),
  low: z.number().optional(),
  high: z.number().optional(),
  method: z.enum(["tango", "t", "clustered_t", "sign"]),
});
export type PairedDifference = z.infer<typeof pairedDifferenceSchema>;

/** Cases that passed or failed in both. Repeats of a case are averaged first: then it is fixed when it passes more often. */
export const passComparisonSchema = z.object({
  n: count,
  table: z.object({ bothPassed: count, fixed: count, broken: count, bothFailed: count }),
  /** Shares passed. */
  first: z.number(),
  other: z.number(),
  difference: pairedDifferenceSchema,
  /**
   * How likely so lopsided a split of fixed and broken is when neither run is better: `mcnemar`, the exact test; `sign`,
   * which is the same where cases are repeated, or where all clusters changed alike; `clustered_t` where cases belong
   * together, of the difference.
   */
  pValue: z.number(),
  test: z.enum(["mcnemar", "sign", "clustered_t"]),
  /** Holm's correction for there being several runs; equal to `pValue` for one. */
  adjustedPValue: z.number(),
  /** The smallest difference that so many cases would show with 80 % power; absent for too few. */
  resolvableGap: z.number().optional(),
});
export type PassComparison = z.infer<typeof passComparisonSchema>;

export const numberComparisonSchema = z.object({
  /** `score`, or a name in `scores`: `scores.score` where that is `score` too. */
  name: z.string(),
  n: count,
  /** Means. */
  first: z.number(),
  other: z.number(),
  difference: pairedDifferenceSchema,
  /** Student's t test of the difference, over clusters where cases have them; absent where that has no interval. */
  pValue: z.number().optional(),
  /** Holm's correction for there being several runs. */
  adjustedPValue: z.number().optional(),
  /** The smallest difference that so many cases would show with 80 % power. */
  resolvableGap: z.number().optional(),
  /** Of the difference, whole clusters resampled where cases have them. */
  bootstrap: z
    .object({
      low: z.number(),
      high: z.number(),
      seed: z.int(),
      samples: z.int(),
      generator: z.string(),
    })
    .optional(),
});
export type NumberComparison = z.infer<typeof numberComparisonSchema>;

export const usageNames = ["latencyMs", "inputTokens", "outputTokens", "costUsd"] as const;

export const usageComparisonSchema = z.object({
  name: z.enum(usageNames),
  /** Cases for which both are known. */
  n: count,
  /** Medians. */
  first: z.number(),
  other: z.number(),
  /** The median of the differences, not the difference of the medians. */
  difference: pairedDifferenceSchema,
});
export type UsageComparison = z.infer<typeof usageComparisonSchema>;

/** One of the cases that a number counts. Texts are cut short and untrusted. */
export const caseExampleSchema = caseReferenceSchema.extend({
  input: z.string().optional(),
  target: z.string().optional(),
  /** What each run answered, in its first repeat. */
  first: z.string().optional(),
  other: z.string().optional(),
});
export type CaseExample = z.infer<typeof caseExampleSchema>;

const listed = z.object({ count, examples: z.array(caseExampleSchema) });

export const runComparisonSchema = z.object({
  run: comparedRunSchema,
  /** The result in plain words. */
  sentence: z.string(),
  /** What gap the cases could have shown. */
  resolution: z.string().optional(),
  /** What makes the two less comparable than they seem, and how cases were counted. */
  notes: z.array(z.string()),
  /** Cases that both runs have, with the same input and target: the rest of the comparison is about them. */
  matched: count,
  fixed: listed,
  broken: listed,
  /** Set aside: the input or the target is another. */
  changed: listed,
  onlyInFirst: listed,
  onlyInOther: listed,
  /** Of those that match: neither passed nor failed in the one, the other, or both. */
  notScored: z.object({ first: count, other: count, both: count }),
  passed: passComparisonSchema.optional(),
  scores: z.array(numberComparisonSchema),
  usage: z.array(usageComparisonSchema),
});
export type RunComparison = z.infer<typeof runComparisonSchema>;

export const comparisonSchema = z
  .object({
    version: z.literal(1),
    /** Of every interval. */
    level: z.number(),
    first: comparedRunSchema,
    /** Each of the others with the first, in the order asked for. */
    comparisons: z.array(runComparisonSchema),
  })
  .meta({ id: "Comparison" });
export type Comparison = z.infer<typeof comparisonSchema>;

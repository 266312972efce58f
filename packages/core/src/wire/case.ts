/**
 * Cases: one test item each, and one of its repeats. A scoring program may write `results.jsonl` beside `scores.json`,
 * one JSON object a line; `caseLineSchema` is such a line, in the program's own names. The rest is what the platform
 * makes of it. Every text is untrusted.
 */
import * as z from "zod";

const number = z.number();
const count = z.int().nonnegative();
const text = z.string();

/** Longer ids are refused: an id is a name, and stands in URLs. Characters. */
export const maxCaseIdLength = 1000;

/** `role` and `content` as chat APIs have them; tool calls, parts and names are kept as they are. */
export const caseMessageSchema = z.looseObject({ role: text });

/** Far above what a case can have, and so low that the sum over all cases of a run stays exact. */
export const maxCaseTokens = 1e9;
export const maxCaseLatencyMs = 1e10;
export const maxCaseCostUsd = 1e6;

const tokens = count.max(maxCaseTokens);

/** Tokens as the program counted them. */
export const caseUsageSchema = z.looseObject({
  /** All of the prompt, cached included. */
  input_tokens: tokens.optional(),
  cached_input_tokens: tokens.optional(),
  output_tokens: tokens.optional(),
  reasoning_tokens: tokens.optional(),
});

/**
 * One line of `results.jsonl`. Only `id` is needed, and one of `passed` and `score` for the case to count. `null` means
 * what absence means, and unknown fields are kept.
 */
export const caseLineSchema = z.looseObject({
  /** Stable, unique within the task together with `epoch`. */
  id: z.string().min(1).max(maxCaseIdLength),
  /** Which repeat, from 1. */
  epoch: z.int().positive().default(1),
  /** A text, or chat messages. */
  input: z.union([text, z.array(caseMessageSchema)]).nullish(),
  /** What the model answered. */
  output: z.union([text, z.array(caseMessageSchema), caseMessageSchema]).nullish(),
  /** What was expected; a list where several answers are right. */
  target: z.union([text, z.array(text)]).nullish(),
  /** Null: not scored. */
  passed: z.boolean().nullish(),
  score: number.nullish(),
  /** By name: what a case was rated in. */
  scores: z.record(text, number).nullish(),
  /** The part of the output that was compared. */
  extracted_answer: text.nullish(),
  explanation: text.nullish(),
  latency_ms: z.number().nonnegative().max(maxCaseLatencyMs).nullish(),
  usage: caseUsageSchema.nullish(),
  /** Null: unknown, never zero for it. */
  cost_usd: z.number().nonnegative().max(maxCaseCostUsd).nullish(),
  model: text.nullish(),
  /** As the model's API gave it: `stop`, `length`, `content_filter`. */
  stop_reason: text.nullish(),
  error: z.looseObject({ type: text.optional(), message: text.optional() }).nullish(),
  failure: z.looseObject({ category: text, detail: text.nullish() }).nullish(),
  /** Scalars. `cluster` names cases that belong together, for the statistics. */
  metadata: z.record(text, z.union([text, number, z.boolean(), z.null()])).nullish(),
});
export type CaseLine = z.infer<typeof caseLineSchema>;

export const caseOutcomes = ["passed", "failed", "not_scored"] as const;
export type CaseOutcomeStatus = (typeof caseOutcomes)[number];

/**
 * Why a case counts neither as passed nor as failed: it met an `error`; the program `declined` to score it (`passed` is
 * null); its score is `not_a_number`; or there is `no_verdict`, neither `passed` nor a score from 0 to 1.
 */
export const notScoredCodes = ["error", "declined", "not_a_number", "no_verdict"] as const;
export type NotScoredCode = (typeof notScoredCodes)[number];

/** How a case ended. "Not scored" is an outcome with a reason, never a zero. */
export const caseOutcomeSchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("passed") }),
  z.object({ status: z.literal("failed") }),
  z.object({
    status: z.literal("not_scored"),
    reason: z.object({ code: z.enum(notScoredCodes), message: text }),
  }),
]);
export type CaseOutcome = z.infer<typeof caseOutcomeSchema>;

/** The categories that rules find. A program, or a judge, may name others. */
export const failureCategories = ["error", "truncated", "refusal", "wrong_format", "incorrect"] as const;

/** Who says so: the scoring program, a rule of ours, or a model that was asked. */
export const failureSources = ["program", "rule", "judge"] as const;

/** Why a case failed, or was not scored because of an error. */
export const caseFailureSchema = z.object({
  category: text,
  source: z.enum(failureSources),
  confidence: z.enum(["high", "low"]),
  /** What cases that fail alike have in common, numbers, names and quotations left out. At most 160 characters. */
  signature: text,
  /** The model that was asked, and its one sentence. */
  judge: text.optional(),
  explanation: text.optional(),
});
export type CaseFailure = z.infer<typeof caseFailureSchema>;

/** Which case of a run. */
export const caseReferenceSchema = z.object({
  /** Index of the task. */
  task: count,
  id: text,
  epoch: z.int().positive(),
});
export type CaseReference = z.infer<typeof caseReferenceSchema>;

/** The calls of a case, as the gateway measured them. */
export const measuredCallsSchema = z.object({
  /** How many; latency, tokens and cost are of all of them together. */
  calls: count,
  /** As the endpoint calls it. */
  model: text,
  /** Of the last call that gave one. */
  stopReason: text.optional(),
  /** Why the last call had no whole answer; absent when it had one. */
  error: z.object({ code: text, message: text }).optional(),
  /** Absent: none. */
  cachedInputTokens: count.optional(),
  reasoningTokens: count.optional(),
  /** The endpoint did not say the usage of every call: it was reckoned from lengths. */
  estimated: z.boolean().optional(),
});
export type MeasuredCalls = z.infer<typeof measuredCallsSchema>;

/** What a case took. What is unknown is absent, which is never zero. */
const taken = {
  latencyMs: number.optional(),
  inputTokens: count.optional(),
  outputTokens: count.optional(),
  /** US dollars. */
  costUsd: number.optional(),
  /** Present: the numbers beside it are the gateway's. Absent: they are what the program claims. */
  measured: measuredCallsSchema.optional(),
};

/** A case as lists show it: texts are cut short, what is unknown is absent. */
export const caseSummarySchema = caseReferenceSchema
  .extend({
    outcome: caseOutcomeSchema,
    failure: caseFailureSchema.optional(),
    score: number.optional(),
    /** The beginning of the input; of chat messages, of the last one by the user. */
    input: text.optional(),
    output: text.optional(),
    target: text.optional(),
    ...taken,
    errorType: text.optional(),
  })
  .meta({ id: "CaseSummary" });
export type CaseSummary = z.infer<typeof caseSummarySchema>;

/** A case as it was written, with what the platform makes of it. */
export const caseDetailSchema = caseReferenceSchema
  .extend({
    /** Where it stands in the task's `results.jsonl`, from 1. */
    line: z.int().positive(),
    outcome: caseOutcomeSchema,
    failure: caseFailureSchema.optional(),
    ...taken,
    /** As the program wrote it, with what it claims. */
    result: caseLineSchema,
  })
  .meta({ id: "CaseDetail" });
export type CaseDetail = z.infer<typeof caseDetailSchema>;

/** How many cases ended how. `errored` are those not scored because of an error; the four parts add up to `total`. */
export const caseCountsSchema = z.object({
  total: count,
  passed: count,
  failed: count,
  errored: count,
  notScored: count,
});
export type CaseCounts = z.infer<typeof caseCountsSchema>;

/** The thin form of a case that is kept beside the whole one: what lists show and statistics need. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { canonicalJson } from "../port/canonical-json.ts";
import type { Json } from "../ports.ts";
import { type CaseLine, caseSummarySchema } from "../wire/case.ts";
import type { SeenCase } from "./measured.ts";
import { questionOf, snippet, targetText, textOf } from "./text.ts";

/** Characters of a text that lists show. */
const snippetLength = { input: 160, output: 160, target: 80, errorType: 80, cluster: 200 };
/** Values in `scores` that statistics are made of; more are kept in the case itself only. */
const maxScores = 32;
const maxScoreName = 100;

export const storedCaseSchema = caseSummarySchema.omit({ task: true }).extend({
  scores: z.record(z.string(), z.number()).optional(),
  cluster: z.string().optional(),
  /** Equal for cases with equal `input` and `target`, of whatever run: 32 hexadecimal digits. */
  content: z.string(),
  /** In `results.jsonl`, from 1. */
  line: z.int(),
  /** Where the line is: offset and length in bytes. */
  at: z.tuple([z.int(), z.int()]),
});
export type StoredCase = z.infer<typeof storedCaseSchema>;

/** What is stored of a case. Pure. */
export function toStored(
  line: CaseLine,
  seen: Omit<SeenCase, "line">,
  place: { readonly line: number; readonly at: readonly [number, number] },
): StoredCase {
  const { usage, metadata } = line;
  const cluster = metadata?.["cluster"];
  const scores = Object.entries(line.scores ?? {})
    .filter(([name]) => name.length <= maxScoreName)
    .slice(0, maxScores);
  const optional = {
    failure: seen.failure,
    score: line.score,
    input: snippet(questionOf(line.input), snippetLength.input),
    output: snippet(textOf(line.output), snippetLength.output),
    target: snippet(targetText(line.target), snippetLength.target),
    latencyMs: line.latency_ms,
    inputTokens: usage?.input_tokens,
    outputTokens: usage?.output_tokens,
    costUsd: line.cost_usd,
    measured: seen.measured,
    errorType: snippet(line.error?.type ?? "", snippetLength.errorType),
    scores: scores.length === 0 ? undefined : Object.fromEntries(scores),
    cluster:
      cluster === undefined || cluster === null ? undefined : String(cluster).slice(0, snippetLength.cluster),
  };
  return {
    id: line.id,
    epoch: line.epoch,
    outcome: seen.outcome,
    ...present(optional),
    content: contentHash(line),
    line: place.line,
    at: [place.at[0], place.at[1]],
  };
}

/** Without what is unknown: null and undefined both mean that. */
function present<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  const known = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(known) as { [K in keyof T]?: NonNullable<T[K]> };
}

function contentHash({ input, target }: CaseLine): string {
  return (
    createHash("sha256")
      // What came out of JSON is JSON.
      .update(canonicalJson([input ?? null, target ?? null] as Json))
      .digest("hex")
      .slice(0, 32)
  );
}

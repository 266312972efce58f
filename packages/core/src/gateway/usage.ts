/** How many tokens a call took: as the endpoint said, or as well as can be guessed. Pure. */
import * as z from "zod";

export interface Usage {
  /** All of the prompt, cached included. */
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  /** Part of the output. */
  readonly reasoningTokens: number;
}

const count = z.number().int().nonnegative().max(1e9).nullish();

/** As OpenAI's API writes it; embeddings have no `completion_tokens`. */
const usageSchema = z.looseObject({
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  prompt_tokens_details: z.looseObject({ cached_tokens: count }).nullish(),
  completion_tokens_details: z.looseObject({ reasoning_tokens: count }).nullish(),
});

/** The `usage` of an answer or of a chunk; undefined when it has none that can be read. */
export function readUsage(answer: unknown): Usage | undefined {
  const found = z.looseObject({ usage: usageSchema }).safeParse(answer);
  if (!found.success) return undefined;
  const { usage } = found.data;
  if (typeof usage.prompt_tokens !== "number") return undefined;
  const inputTokens = usage.prompt_tokens;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
  const said = usage.completion_tokens ?? 0;
  // Some endpoints leave the reasoning out of the completion, though it is paid for. Their total has it.
  const apart = Math.min(reasoning, (usage.total_tokens ?? 0) - inputTokens - said);
  const outputTokens = said + Math.max(0, apart);
  // A part is never more than the whole, whatever the endpoint says.
  return {
    inputTokens,
    cachedInputTokens: Math.min(inputTokens, usage.prompt_tokens_details?.cached_tokens ?? 0),
    outputTokens,
    reasoningTokens: Math.min(outputTokens, reasoning),
  };
}

/** Bytes of English text a token stands for, about: what providers tell their users to reckon with. */
const bytesPerToken = 4;

export function estimateTokens(bytes: number): number {
  return Math.ceil(bytes / bytesPerToken);
}

/** Used where an endpoint does not say: what was sent and what came back, by their lengths. */
export function estimateUsage(sent: { readonly promptBytes: number; readonly answerBytes: number }): Usage {
  return {
    inputTokens: estimateTokens(sent.promptBytes),
    cachedInputTokens: 0,
    outputTokens: estimateTokens(sent.answerBytes),
    reasoningTokens: 0,
  };
}

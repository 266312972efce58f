/** One call to a judge, within what is left of a budget. */
import { contentOf } from "../case/text.ts";
import { parseJson, readBody } from "../gateway/body.ts";
import { costOf } from "../gateway/price.ts";
import { type UpstreamProblem, problemOfAnswer } from "../gateway/upstream-answer.ts";
import { type Usage, estimateTokens, estimateUsage, readUsage } from "../gateway/usage.ts";
import { endpointHeaders } from "../model/endpoint.ts";
import type { ModelRecord } from "../model/record.ts";
import { type Ports, UpstreamFailed } from "../ports.ts";

const maxAnswerBytes = 1024 * 1024;
/** Room for a sentence, and for a model that thinks before it speaks. */
const maxOutputTokens = 1000;

export interface Judge {
  readonly model: ModelRecord;
  readonly key: string | undefined;
}

/** What a call took. A call without an answer may have been billed: then it is what the call could have taken. */
export interface Asked {
  readonly usage: Usage;
  readonly costNano: number | undefined;
  readonly said?: string;
  readonly problem?: UpstreamProblem;
}

/** The most a call may cost, in billionths of a dollar; undefined when the prices are unknown. Pure. */
export function worstCost({ model }: Judge, messages: readonly object[]): number | undefined {
  return costOf(worstUsage(messages), model.prices);
}

function worstUsage(messages: readonly object[]): Usage {
  const inputTokens = estimateTokens(Buffer.byteLength(JSON.stringify(messages)));
  return { inputTokens, cachedInputTokens: 0, outputTokens: maxOutputTokens, reasoningTokens: 0 };
}

/** Asks once. That the endpoint gives no answer is part of the result, not an error. */
export async function askJudge(
  { upstream }: Pick<Ports, "upstream">,
  { model, key }: Judge,
  messages: readonly object[],
  signal: AbortSignal,
): Promise<Asked> {
  // Newer models of OpenAI know only the second name; most other endpoints only the first.
  for (const limit of ["max_tokens", "max_completion_tokens"] as const) {
    try {
      const response = await upstream.send({
        method: "POST",
        url: `${model.baseUrl}/chat/completions`,
        headers: endpointHeaders(key),
        body: new TextEncoder().encode(
          JSON.stringify({ model: model.model, messages, [limit]: maxOutputTokens }),
        ),
        signal,
      });
      const { bytes } = await readBody(response.body, maxAnswerBytes);
      const problem = problemOfAnswer(response.status, new TextDecoder().decode(bytes), key);
      const isOtherName =
        problem?.code === "upstream_rejected" && problem.message.includes("max_completion_tokens");
      if (isOtherName && limit === "max_tokens") continue;
      if (problem !== undefined) return { ...took(model, noUsage), problem };
      return answered(model, messages, bytes);
    } catch (error) {
      return { ...took(model, worstUsage(messages)), problem: problemOfFault(error, signal) };
    }
  }
  throw new Error("the second name is the last");
}

const noUsage: Usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };

function took(model: ModelRecord, usage: Usage): Pick<Asked, "usage" | "costNano"> {
  return { usage, costNano: costOf(usage, model.prices) };
}

function answered(model: ModelRecord, messages: readonly object[], bytes: Uint8Array): Asked {
  const answer = parseJson(bytes);
  const { choices } = Object(answer) as { choices?: ({ message?: { content?: unknown } | null } | null)[] };
  const content = Array.isArray(choices) ? choices[0]?.message?.content : undefined;
  return { ...took(model, readUsage(answer) ?? estimate(messages, bytes)), said: contentOf(content) };
}

/** An answer that says no usage may be long for other reasons than tokens, of which no more were asked for. */
function estimate(messages: readonly object[], answer: Uint8Array): Usage {
  const promptBytes = Buffer.byteLength(JSON.stringify(messages));
  const usage = estimateUsage({ promptBytes, answerBytes: answer.length });
  return { ...usage, outputTokens: Math.min(usage.outputTokens, maxOutputTokens) };
}

function problemOfFault(error: unknown, signal: AbortSignal): UpstreamProblem {
  if (error instanceof UpstreamFailed) return { code: `upstream_${error.fault}`, message: error.message };
  if (!signal.aborted) throw error;
  return {
    code: "upstream_slow",
    message: "The judge did not answer in time.",
    hint: "Take a faster model.",
  };
}

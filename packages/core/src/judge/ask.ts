/** One call to a judge, within what is left of a budget. */
import { contentOf } from "../case/text.ts";
import { costOf } from "../gateway/price.ts";
import type { UpstreamProblem } from "../gateway/upstream-answer.ts";
import { type Usage, estimateTokens, estimateUsage, readUsage } from "../gateway/usage.ts";
import { type Completion, type KeyedModel as Judge, complete, messageOfAnswer } from "../model/complete.ts";
import type { Ports } from "../ports.ts";

export type { Judge };

/** Room for a sentence, and for a model that thinks before it speaks. */
const maxOutputTokens = 1000;

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
  ports: Pick<Ports, "upstream">,
  judge: Judge,
  messages: readonly object[],
  signal: AbortSignal,
): Promise<Asked> {
  const completion = await complete(ports, judge, { messages, maxOutputTokens, signal });
  const usage = usageOf(completion, messages);
  const took = { usage, costNano: costOf(usage, judge.model.prices) };
  if (completion.problem !== undefined) return { ...took, problem: completion.problem };
  return { ...took, said: contentOf(messageOfAnswer(completion.answer)?.content) };
}

/** What an endpoint rejects is not billed; where none answered, nobody knows. */
function usageOf({ status, answer, bytes, problem }: Completion, messages: readonly object[]): Usage {
  if (status === undefined || (problem !== undefined && status < 300)) return worstUsage(messages);
  if (problem !== undefined) return noUsage;
  return readUsage(answer) ?? estimate(messages, bytes ?? 0);
}

/** An answer that says no usage may be long for other reasons than tokens, of which no more were asked for. */
function estimate(messages: readonly object[], answerBytes: number): Usage {
  const promptBytes = Buffer.byteLength(JSON.stringify(messages));
  const usage = estimateUsage({ promptBytes, answerBytes });
  return { ...usage, outputTokens: Math.min(usage.outputTokens, maxOutputTokens) };
}

const noUsage: Usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 };

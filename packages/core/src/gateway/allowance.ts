/** How much of a run's budget one call is allowed. Pure. */
import type { ModelPrices } from "../wire/api.ts";
import {
  type Amount,
  type Budget,
  type BudgetKind,
  type Totals,
  amountOf,
  exhausted,
  isMetered,
  oneCall,
  spentOf,
} from "./budget.ts";
import { costOf } from "./price.ts";
import type { CheckedCall } from "./request.ts";

export interface Allowance {
  /** What is set aside for the call. */
  readonly amount: Amount;
  /**
   * The limit that cannot be passed whatever becomes of the calls under way: the call is refused. Without it, a call
   * that finds no room waits for others to end.
   */
  readonly exhausted?: BudgetKind;
  /** Of a request without a limit of its own: where its answer ends at the latest, and why. */
  readonly end?: AnswerEnd;
}

export interface AnswerEnd {
  /** Output tokens that are not spent yet, for all answers of the call together. */
  readonly tokens: number;
  readonly by: BudgetKind;
  /** A limit to put into the request, tokens of each answer: the budget has so little left that it may meet it. */
  readonly limit?: number;
}

/** An answer without a limit is expected to have at most so many times the tokens that answers of the run have had. */
const timesMean = 4;
/** And at least so many, however short they have been. */
const leastExpected = 256;
/** Before the first answer of a run: hardly any model answers with more at once. */
const firstExpected = 32_768;
/** Stands for no limit at all. */
const unlimited = 1e9;
/** With fewer tokens there is no answer worth its prompt. */
const leastAnswer = 16;

/**
 * What a call is allowed. Requests are left as they are while the budget has more than enough for them: a limit that
 * the client did not set could change an answer, and some endpoints refuse one. Only one that may meet the end of the
 * budget is given what is left, all of it, and waits until no other call holds any.
 */
export function allowanceOf(
  call: CheckedCall,
  { budget, prices }: { readonly budget: Budget; readonly prices: ModelPrices | undefined },
  totals: Totals,
): Allowance {
  if (!isMetered(budget)) return refusedIf(oneCall, budget, totals);
  const amountWith = (outputTokens: number): Amount => {
    const usage = { inputTokens: call.inputTokens, cachedInputTokens: 0, outputTokens, reasoningTokens: 0 };
    return amountOf(usage, costOf(usage, prices));
  };
  const { answers, outputLimit } = call;
  if (outputLimit !== undefined) return refusedIf(amountWith(outputLimit * answers), budget, totals);
  const least = refusedIf(amountWith(leastAnswer * answers), budget, totals);
  if (least.exhausted !== undefined) return least;
  const unspent = unspentOutput(amountWith(0), { budget, prices }, totals);
  // Prices may be so low that they round to nothing.
  const end = { ...unspent, tokens: Math.max(leastAnswer * answers, unspent.tokens) };
  const expected = expectedOutput(answers, totals);
  if (end.tokens >= expected) return { amount: amountWith(expected), end };
  const amount = amountWith(end.tokens);
  // Without a limit, `completions` ends after 16 tokens by OpenAI's rule: more is nothing it was asked for.
  if (call.operation === "completions") return { amount, end };
  return { amount, end: { ...end, limit: Math.floor(end.tokens / answers) } };
}

function refusedIf(amount: Amount, budget: Budget, totals: Totals): Allowance {
  const limit = exhausted(budget, amount, totals);
  return limit === undefined ? { amount } : { amount, exhausted: limit };
}

/** Tokens of output that are left when nothing else is under way, beside the prompt. */
function unspentOutput(
  prompt: Amount,
  { budget, prices }: Parameters<typeof allowanceOf>[1],
  totals: Totals,
): Pick<AnswerEnd, "tokens" | "by"> {
  const spent = spentOf(totals);
  const tokensLeft = budget.tokens === undefined ? unlimited : budget.tokens - spent.tokens - prompt.tokens;
  // A million tokens cost `output` dollars: one costs a thousand times as many billionths.
  const nanoPerToken = (prices?.output ?? 0) * 1000;
  const isCostly = budget.costNano !== undefined && nanoPerToken > 0;
  const costLeft = (budget.costNano ?? 0) - spent.costNano - prompt.costNano;
  const byCost = isCostly ? Math.floor(costLeft / nanoPerToken) : unlimited;
  const byTokens = Math.min(unlimited, tokensLeft);
  return byCost < byTokens ? { tokens: byCost, by: "cost" } : { tokens: byTokens, by: "tokens" };
}

/** As many tokens as an answer hardly ever has, reckoned by those of the run so far. */
function expectedOutput(answers: number, { calls, failed, outputTokens }: Totals): number {
  const answered = calls - failed;
  if (answered === 0) return firstExpected * answers;
  return Math.max(leastExpected * answers, Math.ceil((timesMean * outputTokens) / answered));
}

/** What tokens cost. Pure. Money is counted in whole billionths of a US dollar: sums of them are exact. */
import type { ModelPrices } from "../wire/api.ts";
import type { Usage } from "./usage.ts";

const nanoPerUsd = 1e9;
const tokensPerPrice = 1e6;

/** Billionths of a dollar, rounded up; undefined when the prices are unknown: never zero for that. */
export function costOf(usage: Usage, prices: ModelPrices | undefined): number | undefined {
  if (prices === undefined) return undefined;
  const fresh = usage.inputTokens - usage.cachedInputTokens;
  const { input, cachedInput = input, output } = prices;
  const usdTimesMillion = fresh * input + usage.cachedInputTokens * cachedInput + usage.outputTokens * output;
  // Floating point leaves 0.0000001 too much of what is whole.
  return Math.ceil(Number(((usdTimesMillion * nanoPerUsd) / tokensPerPrice).toFixed(6)));
}

export function usdOf(nano: number): number {
  return nano / nanoPerUsd;
}

export function nanoOf(usd: number): number {
  return Math.round(usd * nanoPerUsd);
}

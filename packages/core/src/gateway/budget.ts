/**
 * The budget of a run, and the decisions about it. Pure. What is *held* is what calls took, and what is set aside for
 * those under way; what is *spent* is what calls took. A call is let in by one conditional write that adds to what is
 * held, so calls at the same time cannot together pass a limit that each of them keeps.
 */
import * as z from "zod";
import type { Condition } from "../ports.ts";
import type { ModelPrices } from "../wire/api.ts";
import { costOf } from "./price.ts";
import type { CheckedCall } from "./request.ts";
import type { Usage } from "./usage.ts";

const whole = z.int().nonnegative();

/** What a run may use; absent parts do not limit. */
export const budgetSchema = z.object({
  calls: whole.optional(),
  tokens: whole.optional(),
  /** Billionths of a US dollar. */
  costNano: whole.optional(),
});
export type Budget = z.infer<typeof budgetSchema>;

export const budgetKinds = ["calls", "tokens", "cost"] as const;
export type BudgetKind = (typeof budgetKinds)[number];

/** What one call takes, or is expected to. */
export interface Amount {
  readonly calls: number;
  readonly tokens: number;
  readonly costNano: number;
}

/** The running totals of a run as they are stored. */
export const totalsSchema = z.object({
  heldCalls: z.number().default(0),
  heldTokens: z.number().default(0),
  heldCostNano: z.number().default(0),
  calls: z.number().default(0),
  inputTokens: z.number().default(0),
  cachedInputTokens: z.number().default(0),
  outputTokens: z.number().default(0),
  reasoningTokens: z.number().default(0),
  costNano: z.number().default(0),
  /** Calls whose price was unknown: the cost is, with one of them. */
  unpriced: z.number().default(0),
  /** Calls whose usage was estimated. */
  estimated: z.number().default(0),
  /** Calls without an answer. */
  failed: z.number().default(0),
  /** Calls that were not let in. */
  refused: z.number().default(0),
  /** The limit that was met first. */
  endedBy: z.enum(budgetKinds).optional(),
});
export type Totals = z.infer<typeof totalsSchema>;

/** What to set aside for a call. */
export function expectedAmount(
  { expected }: Pick<CheckedCall, "expected">,
  prices: ModelPrices | undefined,
): Amount {
  const usage: Usage = { ...expected, cachedInputTokens: 0, reasoningTokens: 0 };
  return amountOf(usage, costOf(usage, prices));
}

/** What a call took. */
export function amountOf(usage: Usage, costNano: number | undefined): Amount {
  return { calls: 1, tokens: usage.inputTokens + usage.outputTokens, costNano: costNano ?? 0 };
}

const limits = [
  { kind: "calls", held: "heldCalls" },
  { kind: "tokens", held: "heldTokens" },
  { kind: "cost", held: "heldCostNano" },
] as const;

function limitOf(budget: Budget, kind: BudgetKind): number | undefined {
  return kind === "cost" ? budget.costNano : budget[kind];
}

function partOf(amount: Amount, kind: BudgetKind): number {
  return kind === "cost" ? amount.costNano : amount[kind];
}

/** Under which a call is let in: what is held leaves room for it. All numbers are whole, so "below" can say "at most". */
export function admission(budget: Budget, amount: Amount): Condition[] {
  return limits.flatMap(({ kind, held }) => {
    const limit = limitOf(budget, kind);
    if (limit === undefined) return [];
    return [{ kind: "below" as const, attribute: held, value: limit - partOf(amount, kind) + 1 }];
  });
}

/**
 * The limit that a call cannot pass even when nothing else were under way; undefined when it only has to wait for
 * others to end.
 */
export function exhausted(budget: Budget, amount: Amount, totals: Totals): BudgetKind | undefined {
  const spent = {
    calls: totals.heldCalls,
    tokens: totals.inputTokens + totals.outputTokens,
    cost: totals.costNano,
  };
  return limits.find(({ kind }) => {
    const limit = limitOf(budget, kind);
    return limit !== undefined && spent[kind] + partOf(amount, kind) > limit;
  })?.kind;
}

/**
 * The budget of a run, and the decisions about it. Pure. What is *held* is what calls took, and what is set aside for
 * those under way; what is *spent* is what calls took. A call is let in by one conditional write that adds to what is
 * held, so calls at the same time cannot together pass a limit that each of them keeps. What was set aside for a call
 * whose process died comes back: `reservation.ts`.
 */
import * as z from "zod";
import type { Condition } from "../ports.ts";
import type { Usage } from "./usage.ts";

const whole = z.int().nonnegative();

/** Why a call had no whole answer. */
export const callErrorSchema = z.object({ code: z.string(), message: z.string() });

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
  /** Of what is held, what calls last heard of in two slots of time have set aside. */
  evenSlot: z.number().optional(),
  evenTokens: z.number().default(0),
  evenCostNano: z.number().default(0),
  oddSlot: z.number().optional(),
  oddTokens: z.number().default(0),
  oddCostNano: z.number().default(0),
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
  /** Why the last of those had none. */
  lastError: callErrorSchema.optional(),
  /** Calls that were not let in. */
  refused: z.number().default(0),
  /** Answers that ended where the budget did. */
  cut: z.number().default(0),
  /** The limit that was met first. */
  endedBy: z.enum(budgetKinds).optional(),
});
export type Totals = z.infer<typeof totalsSchema>;

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

export const nothing: Amount = { calls: 0, tokens: 0, costNano: 0 };
/** A call that takes nothing, or for which nothing is set aside. */
export const oneCall: Amount = { ...nothing, calls: 1 };

export function isLimited(budget: Budget): boolean {
  return budget.calls !== undefined || isMetered(budget);
}

/** Whether it matters to the budget how much a call takes, and not only that there is one. */
export function isMetered({ tokens, costNano }: Budget): boolean {
  return tokens !== undefined || costNano !== undefined;
}

/**
 * Under which a call is let in: what is held leaves room for it. All numbers are whole, so "below" can say "at most".
 * @param back what the same write takes back of what is held
 */
export function admission(budget: Budget, amount: Amount, back: Amount = nothing): Condition[] {
  return limits.flatMap(({ kind, held }) => {
    const limit = limitOf(budget, kind);
    if (limit === undefined) return [];
    const value = limit - partOf(amount, kind) + partOf(back, kind) + 1;
    return [{ kind: "below" as const, attribute: held, value }];
  });
}

/** Whether that condition holds of totals that were read. */
export function hasRoom(budget: Budget, amount: Amount, back: Amount, totals: Totals): boolean {
  return limits.every(({ kind, held }) => {
    const limit = limitOf(budget, kind);
    return limit === undefined || totals[held] - partOf(back, kind) + partOf(amount, kind) <= limit;
  });
}

/**
 * The limit that a call cannot pass even when nothing else were under way; undefined when it only has to wait for
 * others to end.
 */
export function exhausted(budget: Budget, amount: Amount, totals: Totals): BudgetKind | undefined {
  const spent = spentOf(totals);
  return limits.find(({ kind }) => {
    const limit = limitOf(budget, kind);
    return limit !== undefined && partOf(spent, kind) + partOf(amount, kind) > limit;
  })?.kind;
}

/** What calls that ended took. A call counts from its beginning: whatever becomes of it, it was made. */
export function spentOf({ heldCalls, inputTokens, outputTokens, costNano }: Totals): Amount {
  return { calls: heldCalls, tokens: inputTokens + outputTokens, costNano };
}

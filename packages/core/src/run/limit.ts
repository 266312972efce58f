/** Runs that met their budget: what was measured by then is kept and scored. */
import { type BudgetKind, spentOf } from "../gateway/budget.ts";
import { loadTotals } from "../gateway/call.ts";
import { usdOf } from "../gateway/price.ts";
import type { Ports } from "../ports.ts";
import type { Reason } from "../wire/reason.ts";
import type { RunRecord } from "./record.ts";

/**
 * Why the run came to less than it might have; undefined when it kept within its budget, or has none. What became of it
 * then is for `limitedSuccess` and `limitFailure` to add.
 */
export async function limitReason(
  ports: Pick<Ports, "table">,
  run: Pick<RunRecord, "id" | "against">,
): Promise<Reason | undefined> {
  if (run.against === undefined) return undefined;
  const totals = await loadTotals(ports, run.id);
  const { endedBy, refused, cut } = totals;
  if (endedBy === undefined) return undefined;
  const budget = amountOf(run.against.budget, endedBy);
  if (spentOf(totals).calls === 0) {
    return {
      code: "limit",
      message: `No call fits into the run's budget of ${budget}; ${counted(refused, "call")} not let through.`,
      hint: "Run it again with a larger budget: a call needs room for its prompt and for the longest answer it allows.",
    };
  }
  const came = [
    ...(refused === 0 ? [] : [`${counted(refused, "call")} not let through`]),
    ...(cut === 0 ? [] : [`${counted(cut, "answer")} cut short`]),
  ];
  return {
    code: "limit",
    message: `The run's budget of ${budget} was used up; ${came.join(", ")}.`,
    hint: "Run it again with a larger budget, or on fewer cases: --limit N",
  };
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun} was` : `${count} ${noun}s were`;
}

function amountOf(budget: NonNullable<RunRecord["against"]>["budget"], kind: BudgetKind): string {
  if (kind === "cost") return `$${usdOf(budget.costNano ?? 0)}`;
  const limit = budget[kind];
  return limit === 1 ? `1 ${kind.slice(0, -1)}` : `${limit} ${kind}`;
}

/** What stands beside a success. */
export function limitedSuccess(limit: Reason): Reason {
  return { ...limit, message: `${limit.message} What it had by then was scored.` };
}

/** A program that stumbled over its budget had its reason: what it wrote is scored, where it wrote something. */
export function isForgiven(reason: Reason, hasOutput: boolean, limit: Reason | undefined): boolean {
  return limit !== undefined && hasOutput && reason.code === "program_failed";
}

/** What could not be scored for want of calls failed because of the budget. */
export function limitFailure(reason: Reason, limit: Reason | undefined): Reason {
  if (limit === undefined || reason.code === "platform_fault") return reason;
  return { ...reason, ...limit, message: `${limit.message} ${reason.message}` };
}

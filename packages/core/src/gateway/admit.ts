/** Letting a call in: what it may take is set aside, or it waits for room, or is refused. */
import { setTimeout as sleep } from "node:timers/promises";
import { ConditionFailed, type Ports } from "../ports.ts";
import type { GatewayAccess } from "./access.ts";
import type { RunId } from "../wire/id.ts";
import { type Allowance, allowanceOf } from "./allowance.ts";
import {
  type Amount,
  type Budget,
  type BudgetKind,
  type Totals,
  admission,
  hasRoom,
  isLimited,
  isMetered,
  nothing,
  totalsSchema,
} from "./budget.ts";
import { type Call, loadTotals, noteLimit } from "./call.ts";
import { Lease } from "./lease.ts";
import { budgetExhausted } from "./refusal.ts";
import type { CheckedCall } from "./request.ts";
import { type Reservation, type TotalsChange, presentSlot, reserve } from "./reservation.ts";

/** How long a call waits for room that others hold, and how often it looks. Clients wait for five minutes and longer. */
const roomMs = 240_000;
const roomPollMs = 250;

export interface Admitted {
  /** As it began: what it waited for room is not the model's latency. */
  readonly call: Call;
  readonly lease: Lease;
  readonly allowance: Allowance;
}

export interface Admission {
  readonly access: GatewayAccess;
  readonly checked: CheckedCall;
  readonly call: Omit<Call, "startedAt">;
  readonly fingerprint: string;
  /** Aborted when the client is gone: nothing has been asked yet, so nothing is. */
  readonly signal: AbortSignal;
}

/** @throws GatewayRefusal `budget_exhausted`; the signal's reason */
export async function admit(ports: Pick<Ports, "table" | "clock">, asked: Admission): Promise<Admitted> {
  const { access, checked, fingerprint, signal } = asked;
  const { budget, grant, runId } = access;
  const giveUpAt = ports.clock.now().getTime() + roomMs;
  for (;;) {
    const totals = isLimited(budget) ? await loadTotals(ports, runId) : totalsSchema.parse({});
    const allowance = allowanceOf(checked, { budget, prices: grant.prices }, totals);
    if (allowance.exhausted !== undefined) return refuse(ports, runId, allowance.exhausted);
    const now = ports.clock.now();
    const { reservation, change, back } = plan(totals, budget, allowance, now);
    if (hasRoom(budget, allowance.amount, back, totals)) {
      try {
        const call = { ...asked.call, startedAt: now.toISOString() };
        const lease = await Lease.begin(ports, { call, fingerprint, reservation }, change);
        return { call, lease, allowance };
      } catch (error) {
        // Others were faster: what they left is looked at anew.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    } else if (now.getTime() > giveUpAt) {
      return refuse(ports, runId, crowdedOutBy(budget));
    } else await sleep(roomPollMs, undefined, { signal });
  }
}

function plan(
  totals: Totals,
  budget: Budget,
  { amount }: Allowance,
  now: Date,
): { reservation: Reservation | undefined; change: TotalsChange; back: Amount } {
  if (!isMetered(budget)) {
    const change = { add: { heldCalls: 1 }, conditions: admission(budget, amount) };
    return { reservation: undefined, change, back: nothing };
  }
  const reservation = { slot: presentSlot(totals, now), amount };
  return { reservation, ...reserve(totals, budget, reservation) };
}

async function refuse(ports: Pick<Ports, "table">, runId: RunId, by: BudgetKind): Promise<never> {
  await noteLimit(ports, runId, { by, to: "refused" });
  throw budgetExhausted(by);
}

/** Waited for long enough: whichever limit the run has is the one. */
function crowdedOutBy(budget: Budget): BudgetKind {
  if (budget.costNano !== undefined) return "cost";
  return budget.tokens === undefined ? "calls" : "tokens";
}

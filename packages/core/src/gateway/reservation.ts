/**
 * What calls under way have set aside, by when they were last heard of: what a process set aside that died comes back.
 * Pure. Time is cut into slots. A run's totals remember the sums of two of them, one with an even and one with an odd
 * number. A call sets its share aside in the present slot, and while it is under way takes it along from slot to slot;
 * when it ends, the share goes. What is left in a slot older than the one before the present belongs to calls of
 * processes that died: the next write that needs the slot's place, or the room, takes it back. Every write holds under
 * the condition that the slots are as they were read, so nothing is taken back twice, and a call that ends after its
 * slot was taken back finds that out.
 */
import type { Condition, Json } from "../ports.ts";
import { type Amount, type Budget, type Totals, admission, nothing } from "./budget.ts";

/** A call that is silent for two slots has died: it says that it is under way several times in each. */
export const slotMs = 30_000;

/** What one call has set aside, and in which slot. */
export interface Reservation {
  readonly slot: number;
  readonly amount: Amount;
}

/** A change of the totals, to be written as one update. */
export interface TotalsChange {
  readonly add: { readonly [attribute: string]: number };
  readonly set?: { readonly [attribute: string]: Json };
  readonly conditions: readonly Condition[];
}

const places = {
  even: { slot: "evenSlot", tokens: "evenTokens", costNano: "evenCostNano" },
  odd: { slot: "oddSlot", tokens: "oddTokens", costNano: "oddCostNano" },
} as const;
type Place = (typeof places)[keyof typeof places];

function placeOf(slot: number): Place {
  return slot % 2 === 0 ? places.even : places.odd;
}

export function slotAt(now: Date): number {
  return Math.floor(now.getTime() / slotMs);
}

/** The present slot: the clock's, unless another process's clock is ahead. */
export function presentSlot({ evenSlot = 0, oddSlot = 0 }: Totals, now: Date): number {
  return Math.max(slotAt(now), evenSlot, oddSlot);
}

/** Lets a call in and sets aside what it may take. Fails when there is no room for it, or when the totals have moved on. */
export function reserve(
  totals: Totals,
  budget: Budget,
  { slot, amount }: Reservation,
): { readonly change: TotalsChange; readonly back: Amount } {
  const { change, back } = put(totals, slot, amount);
  return {
    back,
    change: {
      ...change,
      add: { heldCalls: 1, ...held(amount, back), ...change.add },
      conditions: [...change.conditions, ...admission(budget, amount, back)],
    },
  };
}

/** Takes a call's share along into the present slot; undefined when it is there, or was not heard of for too long. */
export function renew(
  totals: Totals,
  { slot, amount }: Reservation,
  present: number,
): TotalsChange | undefined {
  // Two slots later its own has expired, and is whoever's to take back.
  if (present !== slot + 1 || totals[placeOf(slot).slot] !== slot) return undefined;
  const { change, back } = put(totals, present, amount);
  const { tokens, costNano } = placeOf(slot);
  return {
    ...change,
    add: { ...held(nothing, back), ...change.add, [tokens]: -amount.tokens, [costNano]: -amount.costNano },
    conditions: [...change.conditions, isAt(slot)],
  };
}

/** Puts what a call took in the place of what was set aside. Fails when that was taken back. */
export function settle({ slot, amount }: Reservation, took: Amount): TotalsChange {
  const { tokens, costNano } = placeOf(slot);
  return {
    add: { ...held(took, amount), [tokens]: -amount.tokens, [costNano]: -amount.costNano },
    conditions: [isAt(slot)],
  };
}

/** Counts what a call took for which nothing is set aside, or no longer. */
export function settleLate(took: Amount): TotalsChange {
  return { add: held(took, nothing), conditions: [] };
}

/**
 * Adds a share to the present slot, and takes back what has expired by then. The places of expired slots become those of
 * the two present ones: a slot never comes again, so no call can mistake another's share in it for its own.
 */
function put(totals: Totals, present: number, amount: Amount): { change: TotalsChange; back: Amount } {
  let back = nothing;
  const add: { [attribute: string]: number } = {};
  const set: { [attribute: string]: number } = {};
  const conditions: Condition[] = [];
  for (const [slot, share] of [
    [present, amount],
    [present - 1, nothing],
  ] as const) {
    const place = placeOf(slot);
    const shared = { [place.tokens]: share.tokens, [place.costNano]: share.costNano };
    if (totals[place.slot] === slot) {
      if (share === nothing) continue;
      Object.assign(add, shared);
      conditions.push(isAt(slot));
    } else {
      back = plus(back, { calls: 0, tokens: totals[place.tokens], costNano: totals[place.costNano] });
      Object.assign(set, { [place.slot]: slot, ...shared });
      conditions.push(...asRead(totals, place));
    }
  }
  return { back, change: { add, set, conditions } };
}

function plus(a: Amount, b: Amount): Amount {
  return { calls: a.calls + b.calls, tokens: a.tokens + b.tokens, costNano: a.costNano + b.costNano };
}

/** The attributes of a place are all missing at first, and written together from then on. */
function asRead(totals: Totals, place: Place): Condition[] {
  if (totals[place.slot] === undefined) return [{ kind: "missing", attribute: place.slot }];
  return Object.values(place).map((attribute) => ({
    kind: "equals",
    attribute,
    value: totals[attribute] ?? 0,
  }));
}

function held(more: Amount, less: Amount): { readonly heldTokens: number; readonly heldCostNano: number } {
  return { heldTokens: more.tokens - less.tokens, heldCostNano: more.costNano - less.costNano };
}

function isAt(slot: number): Condition {
  return { kind: "equals", attribute: placeOf(slot).slot, value: slot };
}

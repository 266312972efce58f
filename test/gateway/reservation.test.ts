/** Calls that begin, renew, end and die in every order, against the table's own rules for conditions and sums. */
import { type Amount, type Budget, hasRoom, spentOf, totalsSchema } from "@benchgen/core/gateway/budget.ts";
import {
  type Reservation,
  type TotalsChange,
  presentSlot,
  renew,
  reserve,
  settle,
  settleLate,
  slotAt,
  slotMs,
} from "@benchgen/core/gateway/reservation.ts";
import { assertOperations } from "@benchgen/core/port/operation.ts";
import type { Item } from "@benchgen/core/ports.ts";
import { applied, holds } from "@benchgen/local/table/operation.ts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const key = { pk: "CALLS#run", sk: "TOTALS" };
const budget: Budget = { tokens: 100, costNano: 1000 };

/** The totals of a run, with all they have been: whoever writes may have read them, and the clock, some writes ago. */
class Run {
  now = new Date("2026-01-01T00:00:00Z");
  /** Tokens of calls that ended after what they had set aside was taken back. */
  late = 0;
  readonly calls: { reservation: Reservation; heardIn: number }[] = [];
  readonly #history = [{ item: key as Item, readAt: this.now }];

  totals() {
    return this.#read(0).totals;
  }

  #read(ago: number) {
    const { item, readAt } = this.#history.at(-1 - Math.min(ago, this.#history.length - 1))!;
    return { totals: totalsSchema.parse(item), now: ago === 0 ? this.now : readAt };
  }

  #write({ conditions, ...change }: TotalsChange, more: Record<string, number> = {}): boolean {
    const stored = this.#history.at(-1)?.item;
    if (!conditions.every((condition) => holds(condition, stored))) return false;
    const update = { kind: "update", key, ...change, add: { ...change.add, ...more } } as const;
    assertOperations([update]);
    this.#history.push({ item: applied(update, stored)!, readAt: this.now });
    return true;
  }

  begin(amount: Amount, ago = 0): boolean {
    const { totals, now } = this.#read(ago);
    const reservation = { slot: presentSlot(totals, now), amount };
    const { change, back } = reserve(totals, budget, reservation);
    if (!hasRoom(budget, amount, back, totals) || !this.#write(change)) return false;
    this.calls.push({ reservation, heardIn: slotAt(now) });
    return true;
  }

  renew(index: number, ago = 0): void {
    const call = this.calls[index];
    if (call === undefined || slotAt(this.now) <= call.heardIn) return;
    const { totals, now } = this.#read(ago);
    const slot = presentSlot(totals, now);
    const change = renew(totals, call.reservation, slot);
    if (change === undefined || !this.#write(change)) return;
    call.reservation = { ...call.reservation, slot };
    call.heardIn = slotAt(now);
  }

  end(index: number, part: number): void {
    const [call] = this.calls.splice(index, 1);
    if (call === undefined) return;
    const { tokens, costNano } = call.reservation.amount;
    const took = { calls: 1, tokens: Math.floor(tokens * part), costNano: Math.floor(costNano * part) };
    const counted = { outputTokens: took.tokens, costNano: took.costNano };
    if (this.#write(settle(call.reservation, took), counted)) return;
    this.late += took.tokens;
    this.#write(settleLate(took), counted);
  }

  die(index: number): void {
    this.calls.splice(index, 1);
  }

  wait(ms: number): void {
    this.now = new Date(this.now.getTime() + ms);
  }
}

/** Even, so that half of it is whole. */
const share = fc.integer({ min: 1, max: 30 }).map((n) => ({ calls: 1, tokens: 2 * n, costNano: 20 * n }));
const ago = fc.constantFrom(0, 0, 0, 1, 3, 6);
const index = fc.nat(2);
const step = fc.oneof(
  fc.record({ kind: fc.constant("begin" as const), amount: share, ago }),
  fc.record({ kind: fc.constant("begin" as const), amount: share, ago }),
  fc.record({ kind: fc.constant("renew" as const), index, ago }),
  fc.record({ kind: fc.constant("end" as const), index, part: fc.constantFrom(0, 0.5, 1) }),
  fc.record({ kind: fc.constant("die" as const), index }),
  fc.record({
    kind: fc.constant("wait" as const),
    ms: fc.constantFrom(1, slotMs / 2, slotMs, slotMs + 1, slotMs * 1.5),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function take(run: Run, each: Step): void {
  if (each.kind === "begin") run.begin(each.amount, each.ago);
  else if (each.kind === "renew") run.renew(each.index, each.ago);
  else if (each.kind === "end") run.end(each.index, each.part);
  else if (each.kind === "die") run.die(each.index);
  else run.wait(each.ms);
}

const small = { calls: 1, tokens: 1, costNano: 10 };

/** When nobody has been heard of for two slots, the next to ask finds that nothing but what is spent is held. */
function expectNothingLeft(run: Run): void {
  run.wait(2 * slotMs);
  const spent = spentOf(run.totals());
  if (!run.begin(small)) return expect(spent.tokens + 1).toBeGreaterThan(budget.tokens!);
  const { heldTokens, heldCostNano } = run.totals();
  expect([heldTokens, heldCostNano]).toEqual([spent.tokens + 1, spent.costNano + 10]);
}

describe("what calls set aside", () => {
  it("never passes the budget by more than calls took that were silent for too long", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const run = new Run();
        for (const each of steps) {
          take(run, each);
          const totals = run.totals();
          const spent = spentOf(totals);
          expect(totals.heldTokens).toBeLessThanOrEqual(budget.tokens! + run.late);
          expect(totals.heldCostNano).toBeLessThanOrEqual(budget.costNano! + run.late * 10);
          expect(totals.heldTokens - spent.tokens).toBe(totals.evenTokens + totals.oddTokens);
          expect(totals.heldCostNano - spent.costNano).toBe(totals.evenCostNano + totals.oddCostNano);
          expect(Math.min(totals.evenTokens, totals.oddTokens)).toBeGreaterThanOrEqual(0);
        }
        run.calls.splice(0);
        expectNothingLeft(run);
      }),
      { numRuns: 500 },
    );
  });

  it("never passes the budget at all while every living call says so in time", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
        const run = new Run();
        for (const each of steps) {
          if (each.kind === "wait") {
            for (let left = each.ms; left > 0; left -= slotMs / 3) {
              run.wait(Math.min(left, slotMs / 3));
              for (const index of run.calls.keys()) run.renew(index);
            }
          } else take(run, "ago" in each ? { ...each, ago: 0 } : each);
          expect(run.totals().heldTokens).toBeLessThanOrEqual(budget.tokens!);
        }
        while (run.calls.length > 0) run.end(0, 1);
        expect(run.late).toBe(0);
        const { heldTokens } = run.totals();
        expect(heldTokens).toBeLessThanOrEqual(budget.tokens!);
        expectNothingLeft(run);
      }),
      { numRuns: 500 },
    );
  });

  it("comes back two slots after its process died, and not before", () => {
    const run = new Run();
    expect(run.begin({ calls: 1, tokens: 90, costNano: 900 })).toBe(true);
    run.die(0);
    run.wait(2 * slotMs - 1);
    expect(run.begin({ calls: 1, tokens: 20, costNano: 200 })).toBe(false);
    run.wait(1);
    expect(run.begin({ calls: 1, tokens: 20, costNano: 200 })).toBe(true);
    expect(run.totals()).toMatchObject({ heldCalls: 2, heldTokens: 20, heldCostNano: 200 });
  });

  it("is counted once, as what the call took, when a call that was given up ends all the same", () => {
    const run = new Run();
    run.begin({ calls: 1, tokens: 90, costNano: 900 });
    run.wait(2 * slotMs);
    run.begin({ calls: 1, tokens: 60, costNano: 600 });
    run.end(0, 1);
    expect(run.late).toBe(90);
    expect(run.totals().heldTokens).toBe(150);
    run.end(0, 0.5);
    expect(run.totals()).toMatchObject({ heldTokens: 120, outputTokens: 120, evenTokens: 0, oddTokens: 0 });
  });

  it("follows the clock that is ahead, so that no other takes it for expired", () => {
    const run = new Run();
    run.wait(slotMs);
    run.begin({ calls: 1, tokens: 0, costNano: 0 });
    run.wait(-slotMs);
    expect(run.begin({ calls: 1, tokens: 100, costNano: 1000 })).toBe(true);
    const slots = () => run.calls.map(({ reservation }) => reservation.slot - slotAt(run.now));
    expect(slots()).toEqual([1, 1]);
    // Whose clock is behind takes its share along in time, too.
    for (let round = 0; round < 3; round++) {
      run.wait(2 * slotMs);
      run.begin({ calls: 1, tokens: 0, costNano: 0 });
      run.wait(-slotMs);
      for (const index of run.calls.keys()) run.renew(index);
    }
    expect(run.totals()).toMatchObject({ heldTokens: 100 });
  });
});

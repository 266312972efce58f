import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Amount, type Budget, admission, exhausted, totalsSchema } from "./budget.ts";
import { costOf, nanoOf, usdOf } from "./price.ts";
import type { Usage } from "./usage.ts";

const usage = (inputTokens: number, outputTokens: number, cachedInputTokens = 0): Usage => ({
  inputTokens,
  outputTokens,
  cachedInputTokens,
  reasoningTokens: 0,
});
const prices = { input: 2.5, cachedInput: 1.25, output: 10, version: "test" };

describe("costOf", () => {
  it.each([
    ["a million in", usage(1_000_000, 0), 2.5],
    ["a million out", usage(0, 1_000_000), 10],
    ["half of a thousand cached", usage(1000, 0, 500), 0.001875],
    ["one token", usage(1, 0), 0.0000025],
  ])("%s", (_name, used, usd) => {
    expect(usdOf(costOf(used, prices) ?? Number.NaN)).toBe(usd);
  });

  it("is unknown without prices, and nothing where the price is nothing", () => {
    expect(costOf(usage(5, 5), undefined)).toBeUndefined();
    expect(costOf(usage(5, 5), { input: 0, output: 0, version: "free" })).toBe(0);
  });

  it("takes cached tokens for ordinary ones where there is no price for them", () => {
    const { cachedInput: _none, ...without } = prices;
    expect(costOf(usage(10, 0, 10), without)).toBe(costOf(usage(10, 0), without));
  });

  it("is whole, and never less than what the tokens cost", () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.nat(1e6),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (input, output, price) => {
          const cost = costOf(usage(input, output), { input: price, output: price, version: "p" }) ?? -1;
          expect(Number.isInteger(cost)).toBe(true);
          expect(cost).toBeGreaterThanOrEqual(Math.floor((input + output) * price * 1000 * (1 - 1e-12)));
        },
      ),
    );
  });

  it("reads back what was written", () => {
    expect(usdOf(nanoOf(0.1))).toBe(0.1);
  });
});

describe("a budget", () => {
  const amountOf = fc.record({ calls: fc.constant(1), tokens: fc.nat(50), costNano: fc.nat(50) });
  const limit = fc.option(fc.nat(300), { nil: undefined });
  const budgetOf: fc.Arbitrary<Budget> = fc.record({ calls: limit, tokens: limit, costNano: limit });

  /** As the table decides: the attribute is missing, or below the value. */
  const letsIn = (budget: Budget, amount: Amount, held: Record<string, number>) =>
    admission(budget, amount).every(
      (condition) => condition.kind === "below" && (held[condition.attribute] ?? 0) < condition.value,
    );

  it("is never passed by what calls expect to take, in whatever order they come", () => {
    fc.assert(
      fc.property(budgetOf, fc.array(amountOf), (budget, amounts) => {
        const held = { heldCalls: 0, heldTokens: 0, heldCostNano: 0 };
        for (const amount of amounts) {
          if (!letsIn(budget, amount, held)) continue;
          held.heldCalls += 1;
          held.heldTokens += amount.tokens;
          held.heldCostNano += amount.costNano;
        }
        expect(held.heldCalls).toBeLessThanOrEqual(budget.calls ?? Number.POSITIVE_INFINITY);
        expect(held.heldTokens).toBeLessThanOrEqual(budget.tokens ?? Number.POSITIVE_INFINITY);
        expect(held.heldCostNano).toBeLessThanOrEqual(budget.costNano ?? Number.POSITIVE_INFINITY);
      }),
    );
  });

  it("lets a call in unless it is exhausted, when nothing else is under way", () => {
    fc.assert(
      fc.property(budgetOf, amountOf, (budget, amount) => {
        expect(letsIn(budget, amount, {})).toBe(
          exhausted(budget, amount, totalsSchema.parse({})) === undefined,
        );
      }),
    );
  });

  it("of zero is exhausted by any call", () => {
    const amount = { calls: 1, tokens: 1, costNano: 1 };
    const none = totalsSchema.parse({});
    expect(exhausted({ tokens: 0 }, amount, none)).toBe("tokens");
    expect(exhausted({ costNano: 0 }, amount, none)).toBe("cost");
    expect(exhausted({ calls: 0 }, amount, none)).toBe("calls");
  });

  it("only has to wait while calls under way hold more than they have spent", () => {
    const totals = totalsSchema.parse({ heldTokens: 100, inputTokens: 10 });
    expect(exhausted({ tokens: 100 }, { calls: 1, tokens: 50, costNano: 0 }, totals)).toBeUndefined();
  });
});

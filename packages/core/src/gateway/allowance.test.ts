import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allowanceOf } from "./allowance.ts";
import { type Budget, totalsSchema } from "./budget.ts";
import { costOf } from "./price.ts";
import type { CheckedCall } from "./request.ts";

const call: CheckedCall = {
  operation: "chat/completions",
  body: new Uint8Array(),
  promptBytes: 40,
  stream: false,
  hideUsage: false,
  inputTokens: 10,
  answers: 1,
  outputLimit: undefined,
};
/** A thousandth of a cent for a token in, four times as much for one out. */
const prices = { input: 10, output: 40, version: "test" };
const nano = 10_000;
const fresh = totalsSchema.parse({});
/** Ten answers of a hundred tokens each. */
const known = totalsSchema.parse({
  calls: 12,
  failed: 2,
  heldCalls: 12,
  inputTokens: 100,
  outputTokens: 1000,
});
const allow = (budget: Budget, totals = fresh, more: Partial<CheckedCall> = {}) =>
  allowanceOf({ ...call, ...more }, { budget, prices }, totals);

describe("a call's allowance", () => {
  it.each([{}, { calls: 5 }])("sets nothing aside where the budget is %j", (budget) => {
    expect(allow(budget)).toEqual({ amount: { calls: 1, tokens: 0, costNano: 0 } });
  });

  it("is what the request limits itself to", () => {
    const { amount, end } = allow({ tokens: 1000 }, fresh, { outputLimit: 50, answers: 3 });
    expect(amount).toEqual({ calls: 1, tokens: 160, costNano: 10 * nano + 150 * 4 * nano });
    expect(end).toBeUndefined();
  });

  it("is what hardly any answer has before there is one, or all that is left", () => {
    expect(allow({ tokens: 1e6 })).toMatchObject({ amount: { tokens: 10 + 32_768 } });
    expect(allow({ tokens: 1e6 }).end?.limit).toBeUndefined();
    expect(allow({ tokens: 30_010 })).toMatchObject({ amount: { tokens: 30_010 }, end: { limit: 30_000 } });
  });

  it("is four times the mean of the answers there have been, failed calls aside", () => {
    expect(allow({ tokens: 40_000 }, known).amount.tokens).toBe(10 + 400);
    const brief = totalsSchema.parse({ calls: 10, outputTokens: 10 });
    expect(allow({ tokens: 40_000 }, brief).amount.tokens).toBe(10 + 256);
  });

  it("leaves a request as it is while the budget has enough for it", () => {
    expect(allow({ tokens: 1100 + 10 + 400 }, known).end).toEqual({ tokens: 400, by: "tokens" });
  });

  it("is all that is left when that is less, and the request's limit too", () => {
    expect(allow({ tokens: 1100 + 10 + 399 }, known)).toEqual({
      amount: { calls: 1, tokens: 409, costNano: 10 * nano + 399 * 4 * nano },
      end: { tokens: 399, by: "tokens", limit: 399 },
    });
    expect(allow({ tokens: 1100 + 10 + 399 }, known, { answers: 2 }).end?.limit).toBe(199);
  });

  it("asks what calls under way have set aside for nothing: it waits for them", () => {
    const busy = { ...known, heldTokens: 1500, heldCostNano: 5e9 };
    expect(allow({ tokens: 1509 }, busy)).toEqual(allow({ tokens: 1509 }, known));
  });

  it("ends at the cost, where that is nearer", () => {
    const budget = { tokens: 10_000, costNano: 10 * nano + 100 * 4 * nano };
    expect(allow(budget).end).toEqual({ tokens: 100, by: "cost", limit: 100 });
  });

  it("gives completions no limit: without one they have a short one of their own", () => {
    expect(allow({ tokens: 100 }, fresh, { operation: "completions" })).toMatchObject({
      amount: { tokens: 100 },
      end: { tokens: 90, by: "tokens" },
    });
    expect(allow({ tokens: 100 }, fresh, { operation: "completions" }).end?.limit).toBeUndefined();
  });

  it("refuses a call that has no tokens left worth asking for", () => {
    expect(allow({ tokens: 10 + 15 }).exhausted).toBe("tokens");
    expect(allow({ tokens: 10 + 16 }).exhausted).toBeUndefined();
    expect(allow({ tokens: 0 }).exhausted).toBe("tokens");
    expect(allow({ costNano: 0 }).exhausted).toBe("cost");
    expect(allow({ calls: 0 }).exhausted).toBe("calls");
    expect(allow({ calls: 12 }, known).exhausted).toBe("calls");
  });

  it("never comes to more than is left, whatever the prices, and is whole", () => {
    const limit = fc.option(fc.nat(1e12), { nil: undefined });
    const price = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1000, noNaN: true }));
    fc.assert(
      fc.property(
        fc.record({ tokens: limit, costNano: limit }),
        fc.record({ input: price, output: price, version: fc.constant("any") }),
        fc.nat(1e6),
        fc.nat(1e6),
        fc.integer({ min: 1, max: 5 }),
        (budget, prices, outputTokens, calls, answers) => {
          const used = { inputTokens: 0, cachedInputTokens: 0, outputTokens, reasoningTokens: 0 };
          const costNano = costOf(used, prices) ?? 0;
          const totals = totalsSchema.parse({ calls, outputTokens, costNano });
          const { amount, exhausted, end } = allowanceOf({ ...call, answers }, { budget, prices }, totals);
          expect([amount.tokens, amount.costNano].every(Number.isSafeInteger)).toBe(true);
          if (end?.limit !== undefined) expect(end.limit).toBeGreaterThanOrEqual(1);
          if (exhausted !== undefined) return;
          expect(outputTokens + amount.tokens).toBeLessThanOrEqual(budget.tokens ?? Number.POSITIVE_INFINITY);
          expect(costNano + amount.costNano).toBeLessThanOrEqual(budget.costNano ?? Number.POSITIVE_INFINITY);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

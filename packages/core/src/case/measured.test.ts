import { describe, expect, it } from "vitest";
import type { CaseUsage } from "../gateway/gather.ts";
import { caseLineSchema } from "../wire/case.ts";
import { failureOf } from "./failure.ts";
import { withMeasured } from "./measured.ts";
import { outcomeOf } from "./outcome.ts";

const usage: CaseUsage = {
  calls: 2,
  latencyMs: 30,
  inputTokens: 12,
  cachedInputTokens: 0,
  outputTokens: 4,
  reasoningTokens: 3,
  costUsd: undefined,
  model: "solver",
  stopReason: "length",
  error: undefined,
  estimated: false,
};

function seen(fields: object, measured: Partial<CaseUsage> = {}) {
  const line = caseLineSchema.parse({ id: "a", passed: false, output: "4", ...fields });
  const outcome = outcomeOf({ line, unusable: new Map() });
  const found = { line, outcome, failure: failureOf(line, outcome) };
  return withMeasured(found, new Map([["1#a", { ...usage, ...measured }]]));
}

describe("what the gateway measured of a case", () => {
  it("stands over what the program claims, and says what it is of", () => {
    const { line, measured } = seen({ latency_ms: 1, cost_usd: 0, usage: { input_tokens: 1 } });
    expect(line).toMatchObject({
      latency_ms: 30,
      cost_usd: null,
      usage: { input_tokens: 12, output_tokens: 4 },
    });
    expect(measured).toEqual({ calls: 2, model: "solver", stopReason: "length", reasoningTokens: 3 });
  });

  it("may tell why the case failed, where the program did not look", () => {
    expect(seen({}).failure?.category).toBe("truncated");
    expect(seen({ failure: { category: "mine" } }, { stopReason: "content_filter" }).failure?.category).toBe(
      "mine",
    );
    const refused = seen({ output: "" }, { stopReason: "refusal" }).failure;
    expect(refused).toMatchObject({ category: "refusal", confidence: "high" });
    expect(seen({ passed: true }).failure).toBeUndefined();
    expect(seen({ stop_reason: "length" }, { stopReason: undefined }).failure?.category).toBe("truncated");
  });

  it("tells a failure for want of an answer from a wrong answer", () => {
    const error = { code: "upstream_failed", message: "The model's endpoint failed (HTTP 500)." };
    const none = { stopReason: undefined, error };
    expect(seen({ output: "" }, none)).toMatchObject({
      outcome: { status: "failed" },
      failure: { category: "error", signature: expect.stringContaining("upstream_failed") as string },
      measured: { error },
    });
    expect(seen({ failure: { category: "mine" } }, none).failure?.category).toBe("error");
    expect(seen({ error: { type: "timeout" } }, none).failure?.signature).toBe("timeout");
    expect(seen({ passed: true }, none).failure).toBeUndefined();
    expect(seen({ passed: null }, none).failure).toBeUndefined();
  });

  it("is of that repeat of it only", () => {
    const { line, measured } = seen({ epoch: 2, latency_ms: 1 });
    expect([line.latency_ms, measured]).toEqual([1, undefined]);
  });
});

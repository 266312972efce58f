/** What the gateway measured of a case's calls, put over what the program claims of them. Pure. */
import { type CaseUsage, caseUsageKey } from "../gateway/gather.ts";
import type { CaseFailure, CaseLine, CaseOutcome, MeasuredCalls } from "../wire/case.ts";
import { failureOf } from "./failure.ts";

/** A case as it counts. */
export interface SeenCase {
  readonly line: CaseLine;
  readonly outcome: CaseOutcome;
  readonly failure: CaseFailure | undefined;
  /** Absent when nothing was measured: the numbers in the line are the program's own. */
  readonly measured?: MeasuredCalls;
}

/**
 * The case with what was measured of it. How its last call ended was measured too, and may be why it failed: a program
 * that does not look at it takes a truncated answer, or none at all, for a wrong one.
 */
export function withMeasured(found: SeenCase, measured: ReadonlyMap<string, CaseUsage>): SeenCase {
  const { id, epoch } = found.line;
  const usage = measured.get(caseUsageKey(id, epoch));
  if (usage === undefined) return found;
  const line = {
    ...found.line,
    latency_ms: usage.latencyMs,
    usage: { input_tokens: usage.inputTokens, output_tokens: usage.outputTokens },
    cost_usd: usage.costUsd ?? null,
    stop_reason: usage.stopReason ?? found.line.stop_reason,
  };
  const { outcome } = found;
  return {
    line,
    outcome,
    failure: failureOf(withError(line, outcome, usage), outcome),
    measured: callsOf(usage),
  };
}

/** The program's own word for an error is the better one; of what passed, or was left unscored, nothing is made. */
function withError(line: CaseLine, outcome: CaseOutcome, { error }: CaseUsage): CaseLine {
  if (error === undefined || outcome.status !== "failed") return line;
  return { ...line, error: line.error ?? { type: error.code, message: error.message } };
}

function callsOf(usage: CaseUsage): MeasuredCalls {
  const { calls, model, stopReason, error, cachedInputTokens, reasoningTokens, estimated } = usage;
  return {
    calls,
    model,
    ...(stopReason !== undefined && { stopReason }),
    ...(error !== undefined && { error }),
    ...(cachedInputTokens > 0 && { cachedInputTokens }),
    ...(reasoningTokens > 0 && { reasoningTokens }),
    ...(estimated && { estimated }),
  };
}

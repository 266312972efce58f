import { type CaseUsage, caseUsageKey } from "../gateway/gather.ts";
import type { CaseLine } from "../wire/case.ts";

/** A case with what the gateway measured of its calls in place of what the program claims; as it is without any. */
export function withMeasured(line: CaseLine, measured: ReadonlyMap<string, CaseUsage>): CaseLine {
  const found = measured.get(caseUsageKey(line.id, line.epoch));
  if (found === undefined) return line;
  return {
    ...line,
    latency_ms: found.latencyMs,
    usage: {
      input_tokens: found.inputTokens,
      cached_input_tokens: found.cachedInputTokens,
      output_tokens: found.outputTokens,
      reasoning_tokens: found.reasoningTokens,
    },
    cost_usd: found.costUsd ?? null,
    model: found.model,
    ...(found.stopReason === undefined ? {} : { stop_reason: found.stopReason }),
  };
}

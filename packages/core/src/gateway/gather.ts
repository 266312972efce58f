/** The calls of a task once it is over: one blob instead of many items, and what they come to case by case. */
import { createHash } from "node:crypto";
import type { Ports } from "../ports.ts";
import type { RunId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { type Call, callSchema, eachCall } from "./call.ts";
import { usdOf } from "./price.ts";

/** Writes the task's calls to one blob of JSON lines. The items go by themselves. */
export async function gatherCalls(
  ports: Pick<Ports, "table" | "blobs">,
  runId: RunId,
  taskIndex: number,
): Promise<void> {
  const calls = eachCall(ports, runId, taskIndex);
  const first = await calls.next();
  if (first.done === true) return;
  const contentType = "application/jsonl";
  await ports.blobs.put(blobKey.calls(runId, taskIndex), linesOf(first.value, calls), { contentType });
}

async function* linesOf(first: Call, rest: AsyncIterable<Call>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode(`${JSON.stringify(first)}\n`);
  for await (const call of rest) yield encoder.encode(`${JSON.stringify(call)}\n`);
}

/** What the calls for one case came to, as the gateway measured them. */
export interface CaseUsage {
  readonly calls: number;
  /** Of all calls together, milliseconds: waiting for the model. */
  readonly latencyMs: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  /** Undefined when a price is unknown. */
  readonly costUsd: number | undefined;
  readonly model: string;
  /** Of the last call that gave one. */
  readonly stopReason: string | undefined;
  /** Why the last call had no whole answer; undefined when it had one. */
  readonly error: Call["error"];
  readonly estimated: boolean;
}

/** Calls lie in no order of time: which of them was the last is remembered with what they come to. */
interface CaseSum extends CaseUsage {
  readonly lastAt: string;
  readonly stoppedAt: string;
}

/** Longer ids are kept as their hash: a program may name a million cases, each by a thousand characters. */
const maxPlainId = 64;

/** A case and its repeat, as one string: what the measured usage is kept under. */
export function caseUsageKey(id: string, epoch: number): string {
  const name = id.length <= maxPlainId ? id : createHash("sha256").update(id).digest("base64");
  return `${epoch}#${name}`;
}

/**
 * What the gateway measured for each case of a task that its program named in `X-Case-Id`, by `caseUsageKey`. Of the
 * ingestion program's calls: a judge's are not the model's. Empty when there were none.
 */
export async function usageByCase(
  ports: Pick<Ports, "blobs">,
  runId: RunId,
  taskIndex: number,
): Promise<Map<string, CaseUsage>> {
  const found = new Map<string, CaseSum>();
  const key = blobKey.calls(runId, taskIndex);
  if ((await ports.blobs.head(key)) === undefined) return found;
  for await (const line of linesIn(await ports.blobs.stream(key))) {
    const call = callSchema.parse(JSON.parse(line));
    if (call.caseId === undefined || call.program !== "ingestion") continue;
    const at = caseUsageKey(call.caseId, call.epoch);
    found.set(at, sum(found.get(at), call));
  }
  return found;
}

function sum(before: CaseSum | undefined, call: Call): CaseSum {
  const { usage, startedAt } = call;
  const isLast = before === undefined || startedAt >= before.lastAt;
  const stops = call.stopReason !== undefined && (before === undefined || startedAt >= before.stoppedAt);
  const own = call.costNano === undefined ? undefined : usdOf(call.costNano);
  // A call that failed before it used anything costs nothing; one of unknown price makes the sum unknown.
  const cost = usage === undefined ? 0 : own;
  return {
    calls: (before?.calls ?? 0) + 1,
    latencyMs: (before?.latencyMs ?? 0) + (call.latencyMs ?? 0),
    inputTokens: (before?.inputTokens ?? 0) + (usage?.inputTokens ?? 0),
    cachedInputTokens: (before?.cachedInputTokens ?? 0) + (usage?.cachedInputTokens ?? 0),
    outputTokens: (before?.outputTokens ?? 0) + (usage?.outputTokens ?? 0),
    reasoningTokens: (before?.reasoningTokens ?? 0) + (usage?.reasoningTokens ?? 0),
    costUsd: plus(before === undefined ? 0 : before.costUsd, cost),
    model: call.model,
    stopReason: stops ? call.stopReason : before?.stopReason,
    stoppedAt: stops ? startedAt : (before?.stoppedAt ?? ""),
    error: isLast ? call.error : before.error,
    lastAt: isLast ? startedAt : before.lastAt,
    estimated: (before?.estimated ?? false) || call.estimated === true,
  };
}

function plus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

async function* linesIn(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

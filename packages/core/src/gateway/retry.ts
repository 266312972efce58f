/**
 * A client's second try of a call whose answer it did not get. OpenAI's clients count their tries in
 * `x-stainless-retry-count` and send the same body again, without an Idempotency-Key; others may send such a key. The
 * same body alone says nothing: repeats of a case are alike on purpose. So a second try is given the answer of an equal
 * call that nobody took, or waits for one that is under way; only when there is neither is it sent on.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ports } from "../ports.ts";
import { partition } from "../record/key.ts";
import { writeIf } from "../record/write.ts";
import type { GatewayAccess } from "./access.ts";
import { type CallItem, callItemSchema, callKey } from "./call.ts";
import { silentMs } from "./lease.ts";
import type { CheckedCall } from "./request.ts";

export interface CallIdentity {
  readonly caseId?: string | undefined;
  readonly epoch?: number | undefined;
  readonly idempotencyKey?: string | undefined;
  /** How often the client says it has tried before. */
  readonly retries: number;
}

/** Equal for equal calls of one program. */
export function fingerprintOf(access: GatewayAccess, call: CheckedCall, identity: CallIdentity): string {
  const { caseId, epoch, idempotencyKey } = identity;
  const parts = [access.program, call.operation, caseId ?? "", epoch ?? 1, idempotencyKey ?? ""];
  return createHash("sha256").update(JSON.stringify(parts)).update(call.body).digest("hex").slice(0, 32);
}

/** Whether a call may be a repeat of one before. */
export function mayRepeat({ retries, idempotencyKey }: CallIdentity): boolean {
  return retries > 0 || idempotencyKey !== undefined;
}

const pollMs = 250;
/** Equal calls that are looked at: the newest are not first, but more tries than this are no tries. */
const maxEqual = 100;

export interface SecondTry {
  readonly access: GatewayAccess;
  readonly fingerprint: string;
  readonly signal: AbortSignal;
  /**
   * Whether an answer is only kept when its client left. Where that cannot be known every answer is kept, and a second
   * try is given that of a call it found under way: of one that had ended its client may have the answer.
   */
  readonly hearsLeaving: boolean;
}

/** The answer that an earlier, equal call got and nobody took; undefined when the call is to be made. */
export async function earlierAnswer(
  ports: Pick<Ports, "table" | "clock">,
  { access, fingerprint, signal, hearsLeaving }: SecondTry,
): Promise<CallItem["undelivered"]> {
  const underWay = new Set<string>();
  for (;;) {
    const { items } = await ports.table.query({
      ...partition.calls(access.runId, access.taskIndex, fingerprint),
      limit: maxEqual,
    });
    const calls = items.map((item) => callItemSchema.parse(item));
    for (const call of calls) {
      const isFree = call.undelivered !== undefined && (hearsLeaving || underWay.has(call.id));
      if (isFree && (await claim(ports, call, fingerprint))) return call.undelivered;
    }
    const since = new Date(ports.clock.now().getTime() - silentMs).toISOString();
    const isUnderWay = ({ state, startedAt, aliveAt = startedAt }: CallItem) =>
      state === "open" && aliveAt > since;
    const open = calls.filter(isUnderWay);
    if (open.length === 0) return undefined;
    for (const { id } of open) underWay.add(id);
    await sleep(pollMs, undefined, { signal });
  }
}

/** Each answer is given once. */
async function claim(ports: Pick<Ports, "table">, call: CallItem, fingerprint: string): Promise<boolean> {
  if (call.claimed === true) return false;
  return writeIf(ports.table, [
    {
      kind: "update",
      key: callKey(call, fingerprint),
      set: { claimed: true },
      conditions: [{ kind: "exists" }, { kind: "missing", attribute: "claimed" }],
    },
  ]);
}

import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "@benchgen/core/error.ts";
import type { Clock } from "@benchgen/core/ports.ts";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { eventSource } from "@benchgen/core/wire/event.ts";

export interface WebhookTarget {
  readonly url: string;
  /** What deliveries are signed with. */
  readonly secret: string;
}

const attempts = 5;
/** Doubled after each attempt. */
const firstDelayMs = 500;
const requestTimeoutMs = 10_000;
const maxWaiting = 1000;
const closeGraceMs = 5000;

/**
 * The header that proves where a delivery is from: `t=SECONDS,v1=HEX`, the HMAC-SHA256 under the shared secret of
 * `SECONDS.BODY`. A receiver compares it in constant time, and refuses times that are long ago.
 */
const signatureHeader = "benchgen-signature";

export function webhookSignature(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
}

/**
 * Posts events as JSON, one after the other in their order, again when the receiver does not take them. How far a run is,
 * is posted once, and only when nothing waits: the next says more, and a slow receiver is to hear of what ended first.
 */
export function createWebhook(options: {
  target: WebhookTarget;
  clock: Clock;
  /** Told of every event that was given up. */
  warn: (message: string) => void;
}): { send(event: BenchgenEvent): void; close(): Promise<void> } {
  const { target, clock, warn } = options;
  const closing = new AbortController();
  const closed = new AbortController();
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();

  const post = async (body: string): Promise<void> => {
    const seconds = Math.floor(clock.now().getTime() / 1000);
    const response = await fetch(target.url, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        [signatureHeader]: webhookSignature(target.secret, seconds, body),
      },
      // A redirect would carry the event to where the operator did not send it.
      redirect: "error",
      signal: AbortSignal.any([closed.signal, AbortSignal.timeout(requestTimeoutMs)]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`it answered ${response.status}`);
  };

  const deliver = async (event: BenchgenEvent): Promise<void> => {
    const body = JSON.stringify({ source: eventSource, ...event });
    for (let attempt = 1; ; attempt++) {
      try {
        return await post(body);
      } catch (error) {
        if (isPassing(event)) return;
        if (attempt === attempts || closed.signal.aborted) {
          warn(`The webhook did not take event ${event.id} in ${attempt} attempts: ${reasonOf(error)}`);
          return;
        }
        // Once this process is about to end, the attempts that are left come without a pause.
        const pause = { signal: closing.signal };
        await sleep(firstDelayMs * 2 ** (attempt - 1), undefined, pause).catch(() => undefined);
      }
    }
  };

  return {
    send(event) {
      if (isPassing(event) && waiting > 0) return;
      if (waiting >= maxWaiting) {
        warn(`The webhook is too slow: event ${event.id} was not delivered.`);
        return;
      }
      waiting++;
      last = last.then(() => deliver(event)).finally(() => waiting--);
    },

    async close() {
      closing.abort();
      const grace = setTimeout(() => closed.abort(), closeGraceMs);
      await last;
      clearTimeout(grace);
    },
  };
}

function isPassing({ type }: BenchgenEvent): boolean {
  return type === "Run Progressed";
}

/** `fetch` says only "fetch failed"; why is in the cause. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause === undefined ? messageOf(error) : messageOf(cause);
}

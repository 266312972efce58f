/** When the sweep that makes good what crashes left runs on one machine. */
import { messageOf } from "@benchgen/core/error.ts";
import { sweep } from "@benchgen/core/run/sweep.ts";
import type { Ports } from "@benchgen/core/ports.ts";
import { receiveUpload } from "@benchgen/core/upload/publish.ts";

const intervalMs = 60_000;
const pruneIntervalMs = 3_600_000;
/** At start-up another process may be in the middle of what is younger. */
const startupGraceSeconds = 5;
/** By then all that a process killed just before the start had in hand is older. */
const secondMs = (startupGraceSeconds + 1) * 1000;

export interface Sweeps {
  /** Sweeps now, shortly after, and from then on at intervals. Once. */
  start(): Promise<void>;
  /** Resolves when none is under way, and none will be. */
  close(): Promise<void>;
}

/**
 * One after the other: a sweep may have gigabytes to validate.
 * @param prune what is deleted once an hour, where the operator wants that
 */
export function createSweeps(
  ports: Ports,
  { warn, prune }: { warn: (message: string) => void; prune?: (() => Promise<unknown>) | undefined },
): Sweeps {
  let last: Promise<unknown> = Promise.resolve();
  const timers: NodeJS.Timeout[] = [];
  const makeGood = (graceSeconds?: number) =>
    sweep(ports, {
      receive: (id) => receiveUpload(ports, id),
      onError: (what, error) => warn(`Could not finish ${what}: ${messageOf(error)}`),
      ...(graceSeconds === undefined ? {} : { graceSeconds }),
    });
  const next = (what: string, work: () => Promise<unknown>) => {
    last = last.then(work).catch((error: unknown) => warn(`${what} failed: ${messageOf(error)}`));
  };
  const again = (graceSeconds?: number) => next("The sweep", () => makeGood(graceSeconds));
  return {
    async start() {
      await makeGood(startupGraceSeconds);
      timers.push(setTimeout(again, secondMs, startupGraceSeconds), setInterval(again, intervalMs));
      if (prune !== undefined) {
        next("Pruning", prune);
        timers.push(setInterval(() => next("Pruning", prune), pruneIntervalMs));
      }
      for (const timer of timers) timer.unref();
    },
    async close() {
      // Clears timeouts as well.
      for (const timer of timers) clearInterval(timer);
      await last;
    },
  };
}

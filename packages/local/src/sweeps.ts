/** When the sweep that makes good what crashes left runs on one machine. */
import { messageOf } from "@benchgen/core/error.ts";
import { sweep } from "@benchgen/core/run/sweep.ts";
import type { Ports } from "@benchgen/core/ports.ts";
import { receiveUpload } from "@benchgen/core/upload/publish.ts";

const intervalMs = 60_000;
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

/** One after the other: a sweep may have gigabytes to validate. */
export function createSweeps(ports: Ports, warn: (message: string) => void): Sweeps {
  let last: Promise<unknown> = Promise.resolve();
  let second: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;
  const makeGood = (graceSeconds?: number) =>
    sweep(ports, {
      receive: (id) => receiveUpload(ports, id),
      onError: (what, error) => warn(`Could not finish ${what}: ${messageOf(error)}`),
      ...(graceSeconds === undefined ? {} : { graceSeconds }),
    });
  const again = (graceSeconds?: number) => {
    last = last
      .then(() => makeGood(graceSeconds))
      .catch((error: unknown) => warn(`The sweep failed: ${messageOf(error)}`));
  };
  return {
    async start() {
      await makeGood(startupGraceSeconds);
      second = setTimeout(again, secondMs, startupGraceSeconds).unref();
      timer = setInterval(again, intervalMs).unref();
    },
    async close() {
      clearTimeout(second);
      clearInterval(timer);
      await last;
    },
  };
}

import { setTimeout as sleep } from "node:timers/promises";
import { BenchgenError, PlatformFault } from "@benchgen/core/error.ts";

export interface RetryOptions {
  /** How often it is tried in all. */
  readonly attempts: number;
  /** Pause before the second attempt, milliseconds; doubled each time after. */
  readonly pauseMs: number;
  readonly signal?: AbortSignal;
}

/**
 * About half a minute in all: long enough for a restarting server and for a wave of jobs that begin together and are
 * throttled, short enough not to hold a container.
 */
export const defaultRetry: RetryOptions = { attempts: 8, pauseMs: 200 };

/** However long the other side asks us to wait. */
const longestPauseMs = 30_000;

/** Calls until it succeeds, throws anything but a PlatformFault, or the attempts are used up. */
export async function withRetry<T>(call: () => Promise<T>, options: RetryOptions = defaultRetry): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof PlatformFault) || attempt >= options.attempts) throw error;
      const pause = pauseMs(attempt, options, error);
      await sleep(pause, undefined, options.signal === undefined ? {} : { signal: options.signal });
    }
  }
}

/** How long to wait after that attempt: what the other side asked for, when it is longer than our own pause. */
function pauseMs(attempt: number, { pauseMs: first }: RetryOptions, fault: PlatformFault): number {
  // Up to half as much again, so that many jobs that failed together do not come back together.
  const own = first * 2 ** (attempt - 1) * (1 + Math.random() / 2);
  return Math.min(Math.max(own, askedFor(fault)), longestPauseMs);
}

/** Of the fault, or of the one it was made from. */
function askedFor(fault: unknown): number {
  if (!(fault instanceof BenchgenError)) return 0;
  const ms = fault.details["retryAfterMs"];
  return typeof ms === "number" ? ms : askedFor(fault.cause);
}

/** The header Retry-After, in seconds or as a date, in milliseconds from now; undefined when it says neither. */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

import { setTimeout as sleep } from "node:timers/promises";
import { PlatformFault } from "@benchgen/core/error.ts";

export interface RetryOptions {
  /** How often it is tried in all. */
  readonly attempts: number;
  /** Pause before the second attempt, milliseconds; doubled each time after. */
  readonly pauseMs: number;
  readonly signal?: AbortSignal;
}

/** About six seconds in all: long enough for a restarting server, short enough not to hold a container. */
export const defaultRetry: RetryOptions = { attempts: 6, pauseMs: 200 };

/** Calls until it succeeds, throws anything but a PlatformFault, or the attempts are used up. */
export async function withRetry<T>(call: () => Promise<T>, options: RetryOptions = defaultRetry): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof PlatformFault) || attempt >= options.attempts) throw error;
      // Up to half as much again, so that many jobs that failed together do not come back together.
      const pause = options.pauseMs * 2 ** (attempt - 1) * (1 + Math.random() / 2);
      await sleep(pause, undefined, options.signal === undefined ? {} : { signal: options.signal });
    }
  }
}

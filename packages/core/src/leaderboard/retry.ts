import { setTimeout as sleep } from "node:timers/promises";
import { PlatformFault } from "../error.ts";
import { ConditionFailed } from "../ports.ts";

/** Returned by an attempt that saw the table between two writes of someone else. */
export const conflict = Symbol("conflict");

const maxAttempts = 100;
const longestWaitMs = 200;

/**
 * Reads, decides and writes again until no one else's write came in between. Waits a random time, longer each time:
 * hundreds who try at once then spread out. Each conflict means that another one succeeded, so all get through.
 * @throws PlatformFault `leaderboard_busy` after a hundred attempts; the workflow tries again later
 */
export async function untilUncontended<T>(attempt: () => Promise<T | typeof conflict>): Promise<T> {
  for (let attempts = 1; attempts <= maxAttempts; attempts++) {
    try {
      const result = await attempt();
      if (result !== conflict) return result;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
    }
    await sleep(Math.random() * Math.min(longestWaitMs, 2 ** attempts));
  }
  throw new PlatformFault("leaderboard_busy", "Too many changes to the leaderboard at once.");
}

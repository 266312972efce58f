import { setTimeout as sleep } from "node:timers/promises";

const firstDelayMs = 25;
const maxDelayMs = 1000;

/**
 * Waits before attempt number `attempt` (from 1) at something others are in the way of: a random part of a time that
 * doubles, so that those who met do not meet again.
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ ("full jitter")
 */
export async function backoff(attempt: number): Promise<void> {
  await sleep(Math.random() * Math.min(maxDelayMs, firstDelayMs * 2 ** attempt));
}

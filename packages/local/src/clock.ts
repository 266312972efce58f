import type { Clock } from "@benchgen/core/ports.ts";

/** The machine's clock. */
export const systemClock: Clock = { now: () => new Date() };

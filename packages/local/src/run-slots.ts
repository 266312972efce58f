import type { RunId } from "@benchgen/core/wire/id.ts";
import { Slots } from "./slots.ts";

/** At most so many programs of one run at one time. Each run has its own count: none is held up by another's long ones. */
export class RunSlots {
  readonly #count: number;
  readonly #runs = new Map<RunId, { slots: Slots; users: number }>();

  constructor(count: number) {
    this.#count = count;
  }

  /** @throws the signal's reason when it was aborted before there was a place */
  async run<T>(runId: RunId, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const own = this.#runs.get(runId) ?? { slots: new Slots(this.#count), users: 0 };
    this.#runs.set(runId, own);
    own.users++;
    try {
      return await own.slots.run(work, signal);
    } finally {
      own.users--;
      if (own.users === 0) this.#runs.delete(runId);
    }
  }
}

/** The calls that a gateway has under way: what is ended, and waited for, before its process can end. */
import { UpstreamFailed } from "../ports.ts";

export class CallsUnderWay {
  readonly #ending = new AbortController();
  readonly #calls = new Set<Promise<void>>();

  /** Aborted when all are to end. An endpoint may be silent for minutes, and nobody is there for its answer. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** One more. @returns to be called once it is written, and harmless when called again */
  begin(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#calls.add(promise);
    return () => {
      this.#calls.delete(promise);
      resolve();
    };
  }

  /** Ends all of them, and each that begins later. Resolves once what they took is written. */
  async end(): Promise<void> {
    this.#ending.abort(new UpstreamFailed("cut", "The gateway ended before the answer did."));
    while (this.#calls.size > 0) await Promise.all(this.#calls);
  }
}

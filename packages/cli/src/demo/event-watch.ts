import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import type { Client } from "../client/client.ts";

/** Longer than any delivery to the same machine takes. */
const patienceMs = 10_000;

/** Keeps the events a server sends, and finds one among those that came and those that will. */
export class EventWatch {
  readonly #received: BenchgenEvent[] = [];
  #wake = Promise.withResolvers<void>();

  /** Listening has begun when this resolves. It ends with the client's signal. */
  static async start(client: Client): Promise<EventWatch> {
    const watch = new EventWatch();
    // Ends by being cut off, which is an error to the reader and none to us.
    watch.#listen(await client.followEvents()).catch(() => {});
    return watch;
  }

  /** Undefined when it does not come in time. */
  async find(wanted: (event: BenchgenEvent) => boolean): Promise<BenchgenEvent | undefined> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const found = this.#received.find(wanted);
      const left = deadline - Date.now();
      if (found !== undefined || left <= 0) return found;
      const timer = setTimeout(() => this.#wake.resolve(), left);
      await this.#wake.promise;
      clearTimeout(timer);
      this.#wake = Promise.withResolvers();
    }
  }

  async #listen(events: AsyncIterable<BenchgenEvent>): Promise<void> {
    for await (const event of events) {
      this.#received.push(event);
      this.#wake.resolve();
    }
  }
}

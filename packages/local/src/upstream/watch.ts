/** How long an endpoint is waited for. */
import { UpstreamFailed } from "@benchgen/core/ports.ts";

/** Milliseconds, as `UpstreamOptions` has them. */
export interface WatchLimits {
  readonly host: string;
  readonly connectMs: number;
  readonly idleMs: number;
  readonly wholeMs: number;
}

/** Ends a request when nothing has happened for too long, or all of it takes too long. */
export class Watch {
  readonly #clock: AbortController;
  readonly #limits: WatchLimits;
  readonly #whole: NodeJS.Timeout;
  #idle: NodeJS.Timeout;

  constructor(clock: AbortController, limits: WatchLimits) {
    this.#clock = clock;
    this.#limits = limits;
    const { wholeMs, connectMs } = limits;
    this.#whole = this.#start(wholeMs, `has not answered whole within ${wholeMs / 1000} seconds`);
    this.#idle = this.#start(connectMs, `took no connection within ${connectMs / 1000} seconds`);
  }

  /** Something happened. */
  beat(): void {
    const { idleMs } = this.#limits;
    clearTimeout(this.#idle);
    this.#idle = this.#start(idleMs, `sent nothing for ${idleMs / 1000} seconds`);
  }

  stop(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#whole);
  }

  #start(ms: number, what: string): NodeJS.Timeout {
    const slow = () => new UpstreamFailed("slow", `${this.#limits.host} ${what}.`);
    return setTimeout(() => this.#clock.abort(slow()), ms);
  }
}

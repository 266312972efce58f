/** What is asked of a model's endpoint, what comes back, and why nothing does. */

/** Why a model's endpoint gave no whole answer. */
export const upstreamFaults = ["refused", "unreachable", "slow", "cut"] as const;
export type UpstreamFault = (typeof upstreamFaults)[number];

/** Thrown by `Upstream.send`, and by the body it gives. The message names the host, never a header. */
export class UpstreamFailed extends Error {
  override readonly name = "UpstreamFailed";
  /**
   * `refused`: its address is one nobody outside may make us talk to. `slow`: nothing came for too long. `cut`: the
   * answer ended before it was whole.
   */
  readonly fault: UpstreamFault;
  constructor(fault: UpstreamFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

export interface UpstreamRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Ends the request, or the answer. */
  readonly signal?: AbortSignal;
}

export interface UpstreamResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Uncompressed bytes as they arrive. @throws UpstreamFailed while it is read */
  readonly body: AsyncIterable<Uint8Array>;
}

/** One HTTP request that cannot hang, follows no redirect, and tells a fault that passes from one that does not. */
import { BenchgenError, PlatformFault, messageOf } from "@benchgen/core/error.ts";
import { retryAfterMs } from "./retry.ts";

export interface Patience {
  /** Milliseconds without a byte in either direction. */
  readonly stallMs: number;
  /** A transfer slower than that is given up in the end, however steadily it drips. */
  readonly bytesPerSecond: number;
}

export const defaultPatience: Patience = { stallMs: 60_000, bytesPerSecond: 256 * 1024 };

export interface OutgoingRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | { readonly stream: AsyncIterable<Uint8Array>; readonly size: number };
}

/**
 * @returns an answer of 2xx or 4xx; its body can break off with a PlatformFault
 * @throws PlatformFault `unreachable`, `stalled`, `unavailable` (5xx, 408, 429; `retryAfterMs` in its details)
 * @throws BenchgenError `redirect_refused`
 */
export async function send(
  url: string | URL,
  request: OutgoingRequest,
  patience: Patience = defaultPatience,
): Promise<Response> {
  const watch = new Watch(patience);
  const { body, ...rest } = request;
  const streamed = typeof body === "object";
  if (streamed) watch.allow(body.size);
  let response;
  try {
    response = await fetch(url, {
      ...rest,
      ...(streamed ? { body: ReadableStream.from(watched(body.stream, watch)), duplex: "half" } : { body }),
      redirect: "manual",
      signal: watch.signal,
    });
  } catch (error) {
    watch.stop();
    throw faultOf(error, watch);
  }
  if (response.ok || (response.status >= 400 && response.status < 500 && !passes(response.status))) {
    return received(response, watch);
  }
  watch.stop();
  await response.body?.cancel().catch(() => undefined);
  if (response.status < 400) {
    throw new BenchgenError(
      "redirect_refused",
      `The platform answered with a redirect (${response.status}).`,
    );
  }
  throw new PlatformFault("unavailable", `The platform answered ${response.status}.`, {
    details: { retryAfterMs: retryAfterMs(response.headers.get("retry-after")) },
  });
}

/** Timeout and throttling, among the answers that otherwise say that the request was wrong. */
function passes(status: number): boolean {
  return status === 408 || status === 429;
}

/** The same answer, with a body that is watched. */
function received(response: Response, watch: Watch): Response {
  if (response.body === null) {
    watch.stop();
    return response;
  }
  watch.allow(Number(response.headers.get("content-length") ?? 0));
  const { status, headers } = response;
  return new Response(ReadableStream.from(unbroken(response.body, watch)), { status, headers });
}

async function* unbroken(body: AsyncIterable<Uint8Array>, watch: Watch): AsyncGenerator<Uint8Array> {
  try {
    yield* watched(body, watch);
  } catch (error) {
    throw faultOf(error, watch);
  } finally {
    watch.stop();
  }
}

/** While a chunk is being used, nobody waits for the other side. */
async function* watched(chunks: AsyncIterable<Uint8Array>, watch: Watch): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    watch.pause();
    yield chunk;
    watch.resume();
  }
}

function faultOf(error: unknown, watch: Watch): PlatformFault {
  if (watch.signal.aborted) return new PlatformFault("stalled", messageOf(watch.signal.reason));
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return new PlatformFault("unreachable", `The platform could not be reached: ${messageOf(cause)}.`, {
    cause: error,
  });
}

/** Ends a request in which nothing moves, or that is not over when it must be. */
class Watch {
  readonly #patience: Patience;
  readonly #controller = new AbortController();
  #stall: NodeJS.Timeout | undefined;
  #whole: NodeJS.Timeout | undefined;

  constructor(patience: Patience) {
    this.#patience = patience;
    this.allow(0);
    this.resume();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** From now on there is time for that many bytes. */
  allow(bytes: number): void {
    const { stallMs, bytesPerSecond } = this.#patience;
    // What a timer can count: 24 days.
    const wholeMs = Math.min(2 * stallMs + (bytes / bytesPerSecond) * 1000, 2 ** 31 - 1);
    clearTimeout(this.#whole);
    this.#whole = this.#endAfter(wholeMs, "The platform was too slow.");
  }

  resume(): void {
    this.pause();
    const { stallMs } = this.#patience;
    this.#stall = this.#endAfter(
      stallMs,
      `The platform sent and took nothing for ${stallMs / 1000} seconds.`,
    );
  }

  pause(): void {
    clearTimeout(this.#stall);
  }

  stop(): void {
    clearTimeout(this.#stall);
    clearTimeout(this.#whole);
  }

  #endAfter(ms: number, why: string): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(new Error(why)), ms).unref();
  }
}

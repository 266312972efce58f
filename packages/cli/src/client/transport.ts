import { setTimeout as pause } from "node:timers/promises";
import { messageOf } from "@benchgen/core/error.ts";
import { CliError, Interrupted, exitCode } from "../error.ts";

/**
 * Answers a request: a server over HTTP, or the app in this very process. The signal comes beside the request, not in
 * it: a Request's own signal is held weakly by Node 24, and an abort is lost once the garbage collector has run.
 */
export type Transport = (request: Request, signal: AbortSignal) => Promise<Response>;

const reasons: Record<string, string> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the name cannot be looked up now",
  ETIMEDOUT: "it does not answer",
  UND_ERR_CONNECT_TIMEOUT: "it does not answer",
  UND_ERR_HEADERS_TIMEOUT: "it does not answer",
  ECONNRESET: "it closed the connection",
  EPIPE: "it closed the connection",
  UND_ERR_SOCKET: "it closed the connection",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  CERT_HAS_EXPIRED: "its certificate has expired",
};

/** Asked again after so many milliseconds, when only reading: a restart of the server should not end `--follow`. */
const retryAfterMs = [200, 800, 2000];

/**
 * Requests over the network, one clear message when they fail. A redirect is an answer like any other: to follow one
 * here would carry a token elsewhere.
 */
export const httpTransport: Transport = async (request, signal) => {
  for (let attempt = 0; ; attempt++) {
    try {
      // Only a GET is ever sent again; cloning another would keep its whole body in memory.
      return await fetch(request.method === "GET" ? request.clone() : request, {
        redirect: "manual",
        signal,
      });
    } catch (error) {
      if (signal.aborted) throw new Interrupted();
      const wait = request.method === "GET" && brokeOff(error) ? retryAfterMs[attempt] : undefined;
      if (wait === undefined) throw unreachable(request, error);
      await pause(wait, undefined, { signal }).catch(() => {
        throw new Interrupted();
      });
    }
  }
};

/** A connection that was there and broke, as opposed to a server that never was. */
function brokeOff(error: unknown): boolean {
  return ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"].includes(codeOf(error) ?? "");
}

function unreachable(request: Request, error: unknown): CliError {
  const { origin } = new URL(request.url);
  const code = codeOf(error);
  const why = (code === undefined ? undefined : reasons[code]) ?? innermost(error);
  return new CliError("server_unreachable", `The server ${origin} cannot be reached: ${why}.`, {
    exit: exitCode.failed,
    hint: "Start one with: benchgen serve — or work without a server: leave out --url, add --local.",
    cause: error,
  });
}

/** `fetch` hides the system's error under one or more causes. */
function* causes(error: unknown): Generator<object> {
  for (let at = error; typeof at === "object" && at !== null; at = (at as { cause?: unknown }).cause)
    yield at;
}

function codeOf(error: unknown): string | undefined {
  for (const cause of causes(error)) {
    if ("code" in cause && typeof cause.code === "string") return cause.code;
  }
  return undefined;
}

function innermost(error: unknown): string {
  return messageOf([...causes(error)].at(-1) ?? error);
}

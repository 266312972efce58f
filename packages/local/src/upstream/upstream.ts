/**
 * Requests to model endpoints over Node's own HTTP client, which follows no redirect and reads no proxy settings. Uses
 * nothing else of this package: a Lambda can use it as it is.
 */
import { type LookupAddress, lookup } from "node:dns";
import { type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { InvalidInput } from "@benchgen/core/error.ts";
import { type Upstream, UpstreamFailed, type UpstreamRequest } from "@benchgen/core/ports.ts";
import { isLoopback, isPublic } from "./address.ts";
import { uncompressed } from "./encoding.ts";
import { Watch } from "./watch.ts";

export interface UpstreamOptions {
  /** Whether an endpoint may be this machine itself, and then by http too. */
  readonly allowLoopback: boolean;
  /** Until a connection stands, milliseconds. Default: 10 s. */
  readonly connectMs?: number;
  /** Without a byte, before the answer or in the middle of it, milliseconds. Default: 5 minutes: models think. */
  readonly idleMs?: number;
  /** From the request to the end of the answer, milliseconds. Default: 15 minutes, as long as Lambda lets a call take. */
  readonly wholeMs?: number;
  /** How names become addresses. Default: the system's. */
  readonly resolve?: Resolve;
}

export type Resolve = (
  hostname: string,
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

const systemResolve: Resolve = (hostname, callback) => lookup(hostname, { all: true }, callback);

export function createUpstream(options: UpstreamOptions): Upstream {
  const { allowLoopback, resolve = systemResolve } = options;
  const { connectMs = 10_000, idleMs = 300_000, wholeMs = 900_000 } = options;
  const isAllowed = (address: string, url: URL): boolean =>
    (allowLoopback && isLoopback(address)) || (url.protocol === "https:" && isPublic(address));

  return {
    assertUrl: (text) => void checkedUrl(text, isAllowed, allowLoopback),

    async send(request) {
      const url = failing("refused", () => checkedUrl(request.url, isAllowed, allowLoopback));
      const clock = new AbortController();
      const watch = new Watch(clock, { host: url.host, connectMs, idleMs, wholeMs });
      const signals = [clock.signal, ...(request.signal === undefined ? [] : [request.signal])];
      try {
        const response = await open(url, request, {
          lookup: guardedLookup(url, resolve, isAllowed),
          signal: AbortSignal.any(signals),
          onConnected: () => watch.beat(),
        });
        watch.beat();
        return {
          status: response.statusCode ?? 502,
          headers: headersOf(response),
          body: bodyOf(response, { url, clock, watch, signal: request.signal }),
        };
      } catch (error) {
        watch.stop();
        throw faultOf(error, { url, clock, signal: request.signal });
      }
    },
  };
}

type IsAllowed = (address: string, url: URL) => boolean;

/** The parts of a URL that need no look-up. */
function checkedUrl(text: string, isAllowed: IsAllowed, allowLoopback: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const refuse = (why: string): InvalidInput =>
    new InvalidInput("upstream_url_refused", `The model's URL cannot be used: ${why}.`, {
      hint: allowLoopback
        ? "Use https, or http to this machine: http://127.0.0.1:11434/v1"
        : "Use https and a public address, like https://api.openai.com/v1",
    });
  if (url === undefined) throw refuse("it is no URL");
  if (url.protocol !== "https:" && !(allowLoopback && url.protocol === "http:"))
    throw refuse(`${url.protocol.slice(0, -1)} is not https`);
  const host = bare(url.hostname);
  if (url.protocol === "http:" && isIP(host) === 0 && !isOwnName(host))
    throw refuse("http is for this machine alone");
  if (url.username !== "" || url.password !== "") throw refuse("it holds a user or a password");
  if (/[?#]/.test(url.href)) throw refuse("it holds a query or a fragment");
  // Node asks nobody about the address when the host is one.
  if (isIP(host) !== 0 && !isAllowed(host, url)) throw refuse(`${host} is not an address it may have`);
  return url;
}

/** The names that mean this machine everywhere. Source: RFC 6761 §6.3. */
function isOwnName(host: string): boolean {
  return /^(.*\.)?localhost\.?$/.test(host);
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** Judges what a name resolves to where the connection takes it from: no second answer can differ. */
function guardedLookup(url: URL, resolve: Resolve, isAllowed: IsAllowed): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      const bad = addresses?.find(({ address }) => !isAllowed(address, url));
      const [first] = addresses ?? [];
      if (error !== null) callback(error, []);
      else if (bad !== undefined || first === undefined) {
        const why = bad === undefined ? "has no address" : `resolves to ${bad.address}, which is not allowed`;
        callback(new UpstreamFailed("refused", `${hostname} ${why}.`), []);
      } else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function open(
  url: URL,
  { method, headers, body }: UpstreamRequest,
  how: { lookup: LookupFunction; signal: AbortSignal; onConnected: () => void },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    // A connection of its own: one that is kept was judged by another request's rules.
    const sent = send(url, {
      method,
      headers: { ...headers, "accept-encoding": "identity", "content-length": body?.length ?? 0 },
      lookup: how.lookup,
      signal: how.signal,
      agent: false,
    });
    const connected = url.protocol === "https:" ? "secureConnect" : "connect";
    sent.once("socket", (socket) => socket.once(connected, how.onConnected));
    sent.once("response", resolve);
    sent.on("error", reject);
    // One that ends without either was answered by a change of protocol.
    sent.once("close", () => reject(new Error("the connection was closed")));
    sent.end(body);
  });
}

async function* bodyOf(
  response: IncomingMessage,
  on: { url: URL; clock: AbortController; watch: Watch; signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of uncompressed(response)) {
      on.watch.beat();
      yield chunk;
    }
  } catch {
    on.signal?.throwIfAborted();
    on.clock.signal.throwIfAborted();
    throw new UpstreamFailed("cut", `${on.url.host} ended its answer before it was whole.`);
  } finally {
    on.watch.stop();
    response.destroy();
  }
}

function faultOf(
  error: unknown,
  on: { url: URL; clock: AbortController; signal: AbortSignal | undefined },
): unknown {
  if (error instanceof UpstreamFailed) return error;
  if (on.clock.signal.aborted) return on.clock.signal.reason;
  if (on.signal?.aborted === true) return on.signal.reason;
  const { code = "no answer", message } = error as NodeJS.ErrnoException;
  const what = misunderstanding(code, message) ?? "cannot be reached";
  return new UpstreamFailed("unreachable", `${on.url.host} ${what} (${code}).`);
}

/** Somebody is there, and speaks something else: mostly the wrong port, or http taken for https. */
function misunderstanding(code: string, message: string): string | undefined {
  if (code.startsWith("HPE_")) return "does not answer in HTTP";
  // OpenSSL's words for bytes that are no TLS: all its errors have one code.
  return /wrong version number|packet length/.test(message) ? "does not speak TLS" : undefined;
}

function failing<T>(fault: "refused", check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof InvalidInput ? new UpstreamFailed(fault, error.message) : error;
  }
}

function headersOf(response: IncomingMessage): Record<string, string> {
  const entries = Object.entries(response.headers);
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().join(", ")]));
}

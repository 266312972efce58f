/**
 * The way from programs to the gateway where they may connect to loopback only, and share that with this container: what
 * they ask there is asked of the gateway over HTTPS. It adds nothing, so a program's own token is all that is sent, and
 * it asks nobody but the gateway.
 */
import { once } from "node:events";
import { readFile, rename, writeFile } from "node:fs/promises";
import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
  createServer,
  request as httpRequest,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Transform, pipeline } from "node:stream";
import { relayFile } from "@benchgen/core/job/container.ts";
import { localGatewayUrl } from "@benchgen/core/job/layout.ts";
import { requireApiUrl } from "./signed-url.ts";

/** What a Lambda takes in one call. Nothing of it is held here, but a program must not send without end. */
const maxRequestBytes = 6 * 1024 ** 2;

/** Where the gateway is below the relay: as in a sandbox of one machine. */
const ownPath = new URL(localGatewayUrl).pathname;
/** No dots, so that no path leads out of the gateway's. */
const askable = new RegExp(`^${ownPath}(/[\\w/-]+(?:\\?.*)?)$`);

/** Far more than there are calls of a model at one time: what programs can make it hold is bounded. */
const mostConnections = 1024;

/** Longer than clients keep connections they do not use, so that it is they who close them. */
const idleMs = 120_000;
/** Shorter than the gateway keeps them, for the same reason. */
const upstreamIdleMs = 4_000;

/** Of one connection, not of the message; and what `request` makes anew. Source: RFC 9110, section 7.6.1. */
const hopHeaders = new Set([
  "connection",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export interface Relay {
  /** What programs find in `OPENAI_BASE_URL`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves until the process is asked to end.
 * @param volume holds `relayFile.gateway`, unless there is nothing to run; is given `relayFile.url`
 * @throws BenchgenError as `startRelay`
 */
export async function serveRelay(volume: string): Promise<void> {
  const ended = once(process, "SIGTERM");
  const gateway = await readFile(join(volume, relayFile.gateway), "utf8").catch(() => undefined);
  if (gateway === undefined) return;
  const relay = await startRelay(gateway);
  const told = join(volume, relayFile.url);
  // Whole or not at all: programs wait for it.
  await writeFile(`${told}.part`, `${relay.url}\n`);
  await rename(`${told}.part`, told);
  await ended;
  await relay.close();
}

/**
 * Listens on a free port of loopback.
 * @param gatewayUrl https, or http on this machine's loopback; without a slash at the end
 * @throws BenchgenError `api_url_refused`
 */
export async function startRelay(gatewayUrl: string): Promise<Relay> {
  const gateway = requireApiUrl(gatewayUrl);
  const ask = asking(gateway);
  const server = createServer((request, response) => {
    const path = askable.exec(request.url ?? "")?.[1];
    if (path === undefined) {
      return refuse(response, {
        status: 404,
        code: "not_supported",
        message: `The gateway has no ${request.url}.`,
      });
    }
    if (Number(request.headers["content-length"] ?? 0) > maxRequestBytes) return refuse(response, tooLarge);
    relay(request, response, ask({ ...passedOn(request), path: gateway.pathname + path }));
  });
  server.keepAliveTimeout = idleMs;
  server.maxConnections = mostConnections;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${ownPath}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function asking({ protocol, hostname, port }: URL) {
  const secure = protocol === "https:";
  const agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, timeout: upstreamIdleMs });
  const where = { hostname, port, agent };
  return (how: { method: string; path: string; headers: IncomingHttpHeaders }) =>
    (secure ? httpsRequest : httpRequest)({ ...how, ...where });
}

function passedOn({ method = "GET", headers }: IncomingMessage) {
  return { method, headers: withoutHops(headers) };
}

function withoutHops(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = new Set((headers.connection ?? "").toLowerCase().split(/\s*,\s*/));
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !hopHeaders.has(name) && !named.has(name)),
  );
}

/** Streams the one into the other, both ways; when either breaks off, so does the other. */
function relay(
  request: IncomingMessage,
  response: ServerResponse,
  asked: ReturnType<ReturnType<typeof asking>>,
): void {
  asked.on("response", (answer) => {
    response.writeHead(answer.statusCode ?? 502, withoutHops(answer.headers));
    // Before there is anything to send: a stream's client waits for its beginning.
    response.flushHeaders();
    pipeline(answer, response, () => undefined);
  });
  asked.on("error", (error) => {
    const message = `The gateway cannot be reached: ${error.message}.`;
    giveUp(response, { status: 502, code: "gateway_unreachable", message });
  });
  response.on("close", () => asked.destroy());
  pipeline(
    request,
    bounded(() => giveUp(response, tooLarge)),
    asked,
    () => undefined,
  );
}

/** Says why there is no answer; one that has begun is broken off. */
function giveUp(response: ServerResponse, refusal: Refusal): void {
  if (!response.headersSent) refuse(response, refusal);
  else if (!response.writableEnded) response.destroy();
}

/** For requests that do not say how long they are, which the HTTP server holds others to. */
function bounded(onTooLarge: () => void): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= maxRequestBytes) return done(null, chunk);
      onTooLarge();
      done(new Error("the request is too large"));
    },
  });
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const tooLarge: Refusal = {
  status: 413,
  code: "request_too_large",
  message: `A request has at most ${maxRequestBytes} bytes.`,
};

/** In the shape in which the gateway says it, which is OpenAI's. */
function refuse(response: ServerResponse, { status, code, message }: Refusal): void {
  const type = status < 500 ? "invalid_request_error" : "server_error";
  const body = JSON.stringify({ error: { message, type, param: null, code } });
  const headers = { "content-type": "application/json", "x-should-retry": String(status >= 500) };
  response.writeHead(status, headers).end(body);
}

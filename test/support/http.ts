import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { createAdaptorServer } from "@hono/node-server";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

/** One request with exactly these headers: `fetch` would add, drop and correct some. */
export async function send(
  method: string,
  url: string,
  options: { headers?: Record<string, string>; body?: Uint8Array } = {},
): Promise<Answer> {
  const outgoing = request(url, { method, headers: options.headers ?? {} });
  // A server may answer, and close, before it has read everything.
  const response = once(outgoing, "response") as Promise<[IncomingMessage]>;
  outgoing.on("error", () => undefined);
  outgoing.end(options.body);
  const [incoming] = await response;
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: await buffer(incoming) };
}

/** Begins a request, sends part of its body, and breaks the connection. */
export async function sendAndBreak(
  method: string,
  url: string,
  options: { headers: Record<string, string>; body: Uint8Array },
): Promise<void> {
  const outgoing = request(url, { method, headers: options.headers });
  const closed = new Promise<void>((resolve) => outgoing.once("close", resolve));
  outgoing.on("error", () => undefined);
  outgoing.write(options.body, () => setTimeout(() => outgoing.destroy(), 50));
  await closed;
}

/** Something that listens on this machine's loopback. */
export interface Listening {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Answers requests as that function does. */
export function serveFetch(fetch: Parameters<typeof createAdaptorServer>[0]["fetch"]): Promise<Listening> {
  return listen(createAdaptorServer({ fetch }) as Server);
}

/** On a free port, until it is closed. */
export async function listen(server: Server): Promise<Listening> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";

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

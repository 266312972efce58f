/** A Function URL that streams, on loopback: a request becomes an event, and what the handler writes is passed on at once. */
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { eventBody, requestEvent } from "./http-api.ts";
import { listen } from "./proxy.ts";
import { AnswerReader } from "./streaming-runtime.ts";

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const maxEventBytes = 6 * 1024 ** 2;

export interface FunctionUrl {
  /** With a slash at its end, as AWS has it. */
  readonly url: string;
  close(): Promise<void>;
}

/** @param invoke runs the function to its end, whether or not anybody still listens */
export async function startFunctionUrl(
  invoke: (event: object, onBytes: (bytes: Buffer) => void) => Promise<void>,
): Promise<FunctionUrl> {
  const running = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    const answered = answer(invoke, request, response)
      .catch(() => {
        if (!response.headersSent) response.writeHead(502);
        response.end();
      })
      .finally(() => running.delete(answered));
    running.add(answered);
  });
  const url = await listen(server);
  return {
    url: `${url}/`,
    async close() {
      await Promise.all(running);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(
  invoke: Parameters<typeof startFunctionUrl>[0],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await buffer(request);
  const url = new URL(request.url ?? "/", "http://any");
  const method = request.method ?? "GET";
  const event = {
    ...requestEvent({ request, method, url, route: { key: "$default" }, accountId: "anonymous" }),
    ...eventBody(request, body),
  };
  if (Buffer.byteLength(JSON.stringify(event)) > maxEventBytes) {
    response.writeHead(413, { "content-type": "application/json" }).end('{"Message":null}');
    return;
  }
  const reader = new AnswerReader(
    ({ statusCode, headers }) => response.writeHead(statusCode, headers).flushHeaders(),
    // To a client that is gone it is written all the same, and lost.
    (bytes) => void response.write(bytes),
  );
  await invoke(event, (bytes) => reader.push(bytes));
  response.end();
}

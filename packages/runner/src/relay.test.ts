/** The relay between a program and the gateway, over real connections. */
import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Relay, startRelay } from "./relay.ts";

let gateway: Server;
let relay: Relay;
let answering: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
beforeEach(async () => {
  gateway = createServer((asked, response) => void answering(asked, response));
  await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  relay = await startRelay(`http://127.0.0.1:${(gateway.address() as AddressInfo).port}/stage/gateway/v1`);
});
afterEach(async () => {
  await relay.close();
  gateway.closeAllConnections();
  gateway.close();
});

test("passes a call on as it is, with the program's own token, and its answer back", async () => {
  let seen: object = {};
  answering = async (asked, response) => {
    const { authorization, host } = asked.headers;
    seen = {
      path: asked.url,
      authorization,
      case: asked.headers["x-case-id"],
      body: await text(asked),
      host,
    };
    response.writeHead(429, { "content-type": "application/json", "retry-after": "7" }).end("{}");
  };
  const answer = await fetch(`${relay.url}/chat/completions?a=b`, {
    method: "POST",
    headers: { authorization: "Bearer sk-run", "x-case-id": "caf%C3%A9" },
    body: "é".repeat(100_000),
  });
  expect(answer.status).toBe(429);
  expect(answer.headers.get("retry-after")).toBe("7");
  expect(await answer.text()).toBe("{}");
  expect(seen).toEqual({
    path: "/stage/gateway/v1/chat/completions?a=b",
    authorization: "Bearer sk-run",
    case: "caf%C3%A9",
    body: "é".repeat(100_000),
    host: `127.0.0.1:${(gateway.address() as AddressInfo).port}`,
  });
});

test("streams: what the gateway has said is there before it says more", async () => {
  const more = Promise.withResolvers<void>();
  answering = async (_asked, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: 1\n\n");
    await more.promise;
    response.end("data: 2\n\n");
  };
  const answer = await fetch(`${relay.url}/chat/completions`, { method: "POST", body: "{}" });
  const reader = answer.body!.getReader();
  const read = async () => Buffer.from((await reader.read()).value ?? []).toString();
  expect(await read()).toBe("data: 1\n\n");
  more.resolve();
  expect(await read()).toBe("data: 2\n\n");
});

test("carries many calls at once", async () => {
  answering = async (asked, response) => void response.end(await buffer(asked));
  const calls = Array.from({ length: 200 }, async (_, index) => {
    const answer = await fetch(`${relay.url}/completions`, { method: "POST", body: `call ${index}` });
    return await answer.text();
  });
  expect(await Promise.all(calls)).toEqual(calls.map((_, index) => `call ${index}`));
});

test("an answer that breaks off breaks off", async () => {
  answering = (_asked, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write("half", () => response.destroy());
  };
  const answer = await fetch(`${relay.url}/models`);
  await expect(answer.text()).rejects.toThrow("terminated");
});

test("a client that leaves is left by the gateway as well", async () => {
  const left = Promise.withResolvers<void>();
  answering = (_asked, response) => {
    response.on("close", () => left.resolve());
    response.writeHead(200).write("x");
  };
  const leaving = new AbortController();
  await fetch(`${relay.url}/models`, { signal: leaving.signal });
  leaving.abort();
  await left.promise;
});

test.each([
  "/gateway/v1",
  "/gateway/v1/../../jobs/self/spec",
  "/gateway/v1/%2e%2e/jobs",
  "/jobs/self/spec",
  "//example.org/gateway/v1/models",
  "http://example.org/gateway/v1/models",
  "*",
])("asks nothing of the gateway for %s", async (path) => {
  let asked = 0;
  answering = (_asked, response) => void (asked++, response.end());
  const { hostname, port } = new URL(relay.url);
  const call = request({ hostname, port, path, method: path === "*" ? "OPTIONS" : "GET" }).end();
  const [answer] = (await once(call, "response")) as [IncomingMessage];
  expect(answer.statusCode).toBe(404);
  expect(JSON.parse(await text(answer))).toMatchObject({ error: { code: "not_supported" } });
  expect(asked).toBe(0);
});

test("opens no tunnel", async () => {
  const { hostname, port } = new URL(relay.url);
  const client = connect(Number(port), hostname);
  client.write("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n");
  expect(await text(client)).toBe("");
});

test("a request that is too large is refused before it is sent", async () => {
  let asked = 0;
  answering = (_asked, response) => void (asked++, response.end());
  const body = Buffer.alloc(7 * 1024 ** 2);
  const call = request(`${relay.url}/completions`, {
    method: "POST",
    headers: { "content-length": body.length },
  });
  call.on("error", () => undefined).flushHeaders();
  const [answer] = (await once(call, "response")) as [IncomingMessage];
  expect(answer.statusCode).toBe(413);
  expect(JSON.parse(await text(answer))).toMatchObject({ error: { code: "request_too_large" } });
  call.destroy();
  expect(asked).toBe(0);
});

test("one that goes on without saying how long it is, is cut short", async () => {
  answering = (asked) => void asked.resume();
  const endless = new ReadableStream({
    async pull(controller) {
      await sleep(0);
      controller.enqueue(new Uint8Array(1024 ** 2));
    },
  });
  const call = fetch(`${relay.url}/completions`, { method: "POST", body: endless, duplex: "half" });
  expect((await call).status).toBe(413);
});

test("a gateway that cannot be reached is a problem that may pass", async () => {
  gateway.close();
  await once(gateway, "close");
  const answer = await fetch(`${relay.url}/models`);
  expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([502, "true"]);
  expect(await answer.json()).toMatchObject({ error: { code: "gateway_unreachable", type: "server_error" } });
});

test.each(["http://gateway.example/gateway/v1", "https://user:word@gateway.example", "nonsense"])(
  "takes no %s for the gateway",
  async (url) => {
    await expect(startRelay(url)).rejects.toMatchObject({ code: "api_url_refused" });
  },
);

test("an answer that has begun is broken off when its request grows too large", async () => {
  answering = (asked, response) => void (asked.resume(), response.writeHead(200).write("beginning"));
  const call = request(`${relay.url}/completions`, { method: "POST" });
  call.on("error", () => undefined).write("{");
  const [answer] = (await once(call, "response")) as [IncomingMessage];
  call.end(Buffer.alloc(7 * 1024 ** 2));
  await expect(text(answer)).rejects.toThrow("aborted");
});

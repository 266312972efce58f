/** Endpoints that do everything wrong, behind the gateway on a real server: each call ends, with its reason, and is kept. */
import type { RequestListener, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type TestApi, openApi } from "../support/api.ts";
import {
  type Listening,
  type Scene,
  errorOf,
  modelKey as key,
  openScene,
  serveGateway,
  startEndpoint,
} from "../support/gateway.ts";

let api: TestApi;
let author: string;
let gateway: Listening;
/** Waits for nobody: for endpoints that are slow. */
let hasty: Listening;
let endpoint: Listening | undefined;

beforeAll(async () => {
  api = await openApi();
  author = await api.token("ada", "author");
  gateway = await serveGateway(api, {});
  hasty = await serveGateway(api, { idleMs: 300, wholeMs: 1000 });
});

afterAll(async () => {
  await Promise.all([gateway.close(), hasty.close()]);
  await api.close();
});

afterEach(async () => {
  await endpoint?.close();
  endpoint = undefined;
});

async function open(listener: RequestListener, { url: gatewayUrl } = gateway): Promise<Scene> {
  endpoint = await startEndpoint(listener);
  return openScene(api, author, endpoint.url, { budget: { tokens: 1_000_000 }, gatewayUrl });
}

type Answer = (response: ServerResponse) => void;

const json = { "content-type": "application/json" };
const events = { "content-type": "text/event-stream" };
const said = (content: string) => ({ choices: [{ index: 0, message: { role: "assistant", content } }] });
const piece = (content: string) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
const status =
  (code: number, message = "No.", headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(code, { ...json, ...headers }).end(JSON.stringify({ error: { message } }));
/** As fast as it is taken, until nobody takes it. */
const endless =
  (head: Answer, more: string): Answer =>
  (response) => {
    head(response);
    const write = () => {
      while (!response.destroyed && response.write(more));
    };
    response.on("drain", write);
    write();
  };

const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024, " "));

const whole: [string, Answer, { status: number; code: string; retry: string }][] = [
  ["says nothing", () => {}, { status: 504, code: "upstream_slow", retry: "true" }],
  [
    "stops in the middle",
    (response) => response.writeHead(200, json).write('{"choices": ['),
    { status: 504, code: "upstream_slow", retry: "true" },
  ],
  [
    "drips",
    (response) => {
      const timer = setInterval(() => response.write(" "), 50);
      response.writeHead(200, json).once("close", () => clearInterval(timer));
    },
    { status: 504, code: "upstream_slow", retry: "true" },
  ],
  ["limits its rate", status(429), { status: 429, code: "upstream_rate_limited", retry: "true" }],
  ["refuses the key", status(401), { status: 502, code: "upstream_key_refused", retry: "false" }],
  ["forbids it", status(403), { status: 502, code: "upstream_key_refused", retry: "false" }],
  ["finds nothing there", status(404), { status: 404, code: "upstream_rejected", retry: "false" }],
  ["wants to be paid", status(402), { status: 402, code: "upstream_rejected", retry: "false" }],
  ["fails", status(500), { status: 502, code: "upstream_failed", retry: "true" }],
  ["has a status of its own", status(999), { status: 502, code: "upstream_failed", retry: "true" }],
  [
    "fails at great length",
    endless((response) => response.writeHead(500), "x".repeat(65_536)),
    { status: 502, code: "upstream_failed", retry: "true" },
  ],
  [
    "is cut between two chunks",
    (response) => response.writeHead(200, json).write('{"choices": [', () => response.destroy()),
    { status: 502, code: "upstream_cut", retry: "true" },
  ],
  [
    "announces more than it sends",
    (response) =>
      response
        .writeHead(200, { ...json, "content-length": "100" })
        .write(JSON.stringify(said("42")), () => response.destroy()),
    { status: 502, code: "upstream_cut", retry: "true" },
  ],
  [
    "hangs up",
    (response) => void response.destroy(),
    { status: 502, code: "upstream_unreachable", retry: "true" },
  ],
  ...(["", "not JSON", "[1]", "42", "null", '{"choices": [', "\u0000"] as const).map(
    (text): (typeof whole)[number] => [
      `answers ${JSON.stringify(text)}`,
      (response) => void response.writeHead(200, json).end(text),
      { status: 502, code: "upstream_unreadable", retry: "true" },
    ],
  ),
  [
    "has nothing to say",
    (response) => void response.writeHead(204).end(),
    { status: 502, code: "upstream_unreadable", retry: "true" },
  ],
  [
    "never ends",
    endless((response) => response.writeHead(200, json), `"${"x".repeat(65_536)}",`),
    { status: 502, code: "upstream_unreadable", retry: "true" },
  ],
  [
    "compresses without being asked, a thousandfold",
    (response) => void response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(bomb),
    { status: 502, code: "upstream_unreadable", retry: "true" },
  ],
  [
    "streams to who asked for no stream",
    (response) => void response.writeHead(200, events).end(piece("42")),
    { status: 502, code: "upstream_unreadable", retry: "true" },
  ],
  [
    "redirects",
    status(301, "Elsewhere.", { location: "http://169.254.169.254/" }),
    { status: 502, code: "upstream_redirected", retry: "false" },
  ],
  [
    "redirects to itself",
    status(307, "Again.", { location: "/v1/chat/completions" }),
    { status: 502, code: "upstream_redirected", retry: "false" },
  ],
  [
    "has headers without an end",
    ({ socket }) => {
      socket?.write("HTTP/1.1 200 OK\r\n");
      const more = () =>
        void (socket?.writable && socket.write(`x-more: ${"x".repeat(1000)}\r\n`, () => setImmediate(more)));
      more();
    },
    { status: 502, code: "upstream_unreachable", retry: "true" },
  ],
  [
    "calls a failure a success",
    (response) =>
      void response.writeHead(200, json).end(JSON.stringify({ error: { message: `Not ${key}.` } })),
    { status: 502, code: "upstream_failed", retry: "true" },
  ],
  [
    "echoes what it was sent",
    (response) => void response.writeHead(200, json).end(JSON.stringify(said(`You sent ${key}`))),
    { status: 502, code: "upstream_unreadable", retry: "false" },
  ],
];

describe("an endpoint that", () => {
  it.each(whole)("%s", async (_what, answer, expected) => {
    const { code } = expected;
    const through = code === "upstream_slow" ? hasty : gateway;
    const { ask, calls, totals } = await open((_request, response) => answer(response), through);
    const response = await ask("What is 6 * 7?");
    expect(await errorOf(response)).toEqual(expected);
    expect(await calls()).toMatchObject([{ error: { code }, latencyMs: expect.any(Number) as number }]);
    const nothingHeld = { heldTokens: 0, evenTokens: 0, oddTokens: 0 };
    expect(await totals()).toMatchObject({ calls: 1, failed: 1, lastError: { code }, ...nothingHeld });
  });

  it("is not there", async () => {
    const scene = await openScene(api, author, "http://127.0.0.1:1/v1", { gatewayUrl: gateway.url });
    expect(await errorOf(await scene.ask("?"))).toEqual({
      status: 502,
      code: "upstream_unreachable",
      retry: "true",
    });
    expect(await scene.calls()).toMatchObject([{ error: { code: "upstream_unreachable" } }]);
  });

  it("calls its JSON something else is understood", async () => {
    const text = JSON.stringify(said("42"));
    const { ask } = await open((_request, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end(text),
    );
    const response = await ask("What is 6 * 7?");
    expect([response.headers.get("content-type"), await response.text()]).toEqual(["application/json", text]);
  });

  it.each([
    ["7", "7"],
    [new Date(Date.now() - 1000).toUTCString(), "0"],
    ["99999999", "3600"],
    ["soon", null],
    [undefined, null],
  ])("asks its clients to wait for %j has them wait for %j seconds", async (header, seconds) => {
    const { ask } = await open((_request, response) =>
      status(429, "Slow down.", header === undefined ? {} : { "retry-after": header })(response),
    );
    const response = await ask("?");
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, seconds]);
  });

  it.each([
    ["as it is", key],
    ["in JSON", JSON.stringify({ authorization: `Bearer ${key}` })],
    ["escaped", key.replace(/./g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)],
    ["in a URL", `/?key=${encodeURIComponent(key)}`],
    ["in base64", Buffer.from(`Bearer ${key}`).toString("base64")],
    ["in hexadecimal", Buffer.from(key).toString("hex")],
    ["cut off", key.slice(0, -6)],
  ])("tells the key in its error, %s, is quoted without it", async (_how, told) => {
    for (const message of [`Bad key ${told}.`, { nested: told }]) {
      const { ask, calls } = await open((_request, response) => status(400, message as string)(response));
      const text = (await (await ask("?")).text()) + JSON.stringify(await calls());
      expect(text).toContain("***");
      expect(text).not.toContain(key.slice(0, 12));
      expect(text).not.toContain(Buffer.from(key).toString("hex").slice(4, 24));
      expect(text).not.toContain(Buffer.from(`Bearer ${key}`).toString("base64").slice(12, 28));
      await endpoint?.close();
    }
  });
});

/** Data of the events of a stream, the mark of its end aside. */
async function eventsOf(response: Response): Promise<unknown[]> {
  const text = await response.text();
  const data = text.split("\n\n").filter((event) => event.startsWith("data: "));
  return data
    .map((event) => event.slice(6))
    .filter((each) => each !== "[DONE]")
    .map((each) => JSON.parse(each) as unknown);
}

const streams: [string, Answer, string][] = [
  ["stops", (response) => void response.write(piece("4")), "upstream_slow"],
  [
    "is cut in the middle of an event",
    (response) => void response.write(piece("4") + piece("2").slice(0, 20), () => response.destroy()),
    "upstream_cut",
  ],
  [
    "ends politely in the middle of an event",
    (response) => void response.end(piece("4") + piece("2").slice(0, 20)),
    "upstream_cut",
  ],
  [
    "goes on for ever, in one event",
    (response) => endless((r) => r.write(piece("4")), "x".repeat(65_536))(response),
    "upstream_cut",
  ],
  [
    "goes on for ever, with nothing in it",
    (response) => {
      response.write(piece("4"));
      const timer = setInterval(() => response.write(": wait\n\n"), 50);
      response.once("close", () => clearInterval(timer));
    },
    "upstream_slow",
  ],
  ["holds the key", (response) => void response.end(piece("4") + piece(key)), "upstream_unreadable"],
  [
    "is compressed",
    (response) => void response.end(Buffer.concat([Buffer.from(piece("4")), gzipSync(piece("2"))])),
    "upstream_cut",
  ],
];

describe("a stream that", () => {
  it.each(streams)("%s", async (_what, answer, code) => {
    const begin: RequestListener = (_request, response) => answer(response.writeHead(200, events));
    const { ask, calls, totals } = await open(begin, code === "upstream_slow" ? hasty : gateway);
    const response = await ask("What is 6 * 7?", { stream: true });
    expect(response.status).toBe(200);
    const seen = await eventsOf(response);
    expect(seen[0]).toMatchObject({ choices: [{ delta: { content: "4" } }] });
    expect(seen.at(-1)).toMatchObject({ error: { code } });
    expect(JSON.stringify(seen)).not.toContain(key);
    expect(await calls()).toMatchObject([{ streamed: true, error: { code }, estimated: true }]);
    const { heldTokens, inputTokens, outputTokens } = await totals();
    expect(heldTokens).toBe(inputTokens + outputTokens);
  });

  it("was no stream after all is answered whole", async () => {
    const { ask, calls } = await open((_request, response) =>
      response.writeHead(200, json).end(JSON.stringify(said("42"))),
    );
    const response = await ask("What is 6 * 7?", { stream: true });
    expect(await response.json()).toEqual(said("42"));
    expect(await calls()).toMatchObject([{ streamed: true, estimated: true }]);
  });
});

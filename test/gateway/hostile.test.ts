/** Endpoints that do everything wrong, behind the gateway on a real server: each call ends, with its reason, and is kept. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { errorOf, modelKey as key } from "../support/gateway.ts";
import {
  type Answer,
  endless,
  events,
  json,
  piece,
  said,
  status,
  useHostileGateway,
} from "./hostile-endpoint.ts";

const { open, openAt, closeEndpoint } = useHostileGateway();

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
  ["wants to be paid", status(402), { status: 502, code: "upstream_unpaid", retry: "false" }],
  ["is too slow by its own word", status(408), { status: 502, code: "upstream_failed", retry: "true" }],
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
    const hasty = code === "upstream_slow";
    const { ask, calls, totals } = await open((_request, response) => answer(response), { hasty });
    const response = await ask("What is 6 * 7?");
    expect(await errorOf(response)).toEqual(expected);
    expect(await calls()).toMatchObject([{ error: { code }, latencyMs: expect.any(Number) as number }]);
    const nothingHeld = { heldTokens: 0, evenTokens: 0, oddTokens: 0 };
    expect(await totals()).toMatchObject({ calls: 1, failed: 1, lastError: { code }, ...nothingHeld });
  });

  it("is not there", async () => {
    const scene = await openAt("http://127.0.0.1:1/v1");
    expect(await errorOf(await scene.ask("?"))).toEqual({
      status: 502,
      code: "upstream_unreachable",
      retry: "true",
    });
    expect(await scene.calls()).toMatchObject([{ error: { code: "upstream_unreachable" } }]);
  });

  it("answers with a page, or with the key for a type, is told from one that answers with JSON", async () => {
    for (const [type, told] of [
      ["text/html; charset=utf-8", "what is no JSON object (text/html)."],
      [`text/${key}`, "what is no JSON object."],
    ] as const) {
      const { ask, calls } = await open((_request, response) =>
        response.writeHead(200, { "content-type": type }).end("<p>Log in"),
      );
      await (await ask("?")).text();
      expect((await calls())[0]?.error?.message).toBe(`The model's endpoint answered with ${told}`);
      await closeEndpoint();
    }
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
      await closeEndpoint();
    }
  });
});

/** Endpoints that break off their streams: what came is passed on, the end is told as an error, and the call is kept. */
import type { RequestListener } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { modelKey as key } from "../support/gateway.ts";
import { type Answer, endless, events, json, piece, said, useHostileGateway } from "./hostile-endpoint.ts";

const { open } = useHostileGateway();

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
    const { ask, calls, totals } = await open(begin, { hasty: code === "upstream_slow" });
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

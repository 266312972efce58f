import type { RunLogs } from "@benchgen/core/wire/api.ts";
import { describe, expect, it } from "vitest";
import { followLogs } from "./log-stream.ts";
import { keepAlive, serverSentEvent } from "./stream.ts";

function logPage(cursor: string, text?: string, done = false): RunLogs {
  const entry = { task: 0, job: "scoring", stream: "stdout", at: 0 } as const;
  return { cursor, done, entries: text === undefined ? [] : [{ ...entry, text }] };
}

/** A log that has these pages, one after the other. */
function follow(
  pages: RunLogs[],
  options: { pollMs?: number; endAfterMs?: number; signal?: AbortSignal } = {},
) {
  const [first = logPage("0"), ...rest] = pages;
  const asked: string[] = [];
  const stream = followLogs({
    first,
    readAfter: async (cursor) => {
      asked.push(cursor);
      return rest.shift() ?? logPage(cursor);
    },
    pollMs: options.pollMs ?? 0,
    endAfterMs: options.endAfterMs,
    signal: options.signal ?? new AbortController().signal,
  });
  return { stream, asked };
}

function event(page: RunLogs): string {
  return serverSentEvent({ event: "log", id: page.cursor, data: page });
}

describe("followLogs", () => {
  it("sends each page that has something, by its cursor, and ends with the one that is done", async () => {
    const pages = [
      logPage("1", "a"),
      logPage("1"),
      logPage("1"),
      logPage("2", "b"),
      logPage("2", undefined, true),
    ];
    const { stream, asked } = follow(pages);
    const sent = await Array.fromAsync(stream);
    expect(sent.filter((text) => text !== keepAlive)).toEqual([pages[0]!, pages[3]!, pages[4]!].map(event));
    expect(asked).toEqual(["1", "1", "1", "2"]);
  });

  it("says so at once when the run is over already", async () => {
    const over = logPage("9", undefined, true);
    const { stream, asked } = follow([over]);
    expect(await Array.fromAsync(stream)).toEqual([keepAlive, event(over)]);
    expect(asked).toEqual([]);
  });

  it("ends once it has said something, where an answer is delivered whole", async () => {
    const pages = [logPage("1"), logPage("1"), logPage("2", "a"), logPage("3", "b")];
    const { stream, asked } = follow(pages, { endAfterMs: 20_000 });
    expect(await Array.fromAsync(stream)).toEqual([keepAlive, event(pages[2]!)]);
    expect(asked).toEqual(["1", "1"]);
  });

  it("ends with nothing said after so long, and the client asks again", async () => {
    const { stream, asked } = follow([], { pollMs: 10, endAfterMs: 30 });
    expect(await Array.fromAsync(stream)).toEqual([keepAlive]);
    expect(asked).toHaveLength(2);
  });

  it("stops waiting when the client goes away", async () => {
    const abort = new AbortController();
    const { stream, asked } = follow([], { pollMs: 3_600_000, signal: abort.signal });
    expect((await stream.next()).value).toBe(keepAlive);
    const waiting = stream.next();
    abort.abort();
    await expect(waiting).rejects.toThrow("aborted");
    expect(asked).toEqual([]);
  });
});

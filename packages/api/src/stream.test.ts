import { describe, expect, it } from "vitest";
import { serverSentEvent, streamOf } from "./stream.ts";

async function* counting(until: number, seen: number[] = []): AsyncGenerator<string> {
  try {
    for (let n = 0; n < until; n++) {
      seen.push(n);
      yield `${n},`;
    }
  } finally {
    seen.push(-1);
  }
}

function unexpected(error: unknown): never {
  throw error;
}

describe("streamOf", () => {
  it("carries text and bytes in order", async () => {
    const bytes = async function* () {
      yield "é";
      yield new Uint8Array([0x21]);
    };
    expect(await new Response(streamOf(bytes, unexpected)).text()).toBe("é!");
  });

  it("reads the content only when it is read itself", async () => {
    const seen: number[] = [];
    const stream = streamOf(() => counting(3, seen), unexpected);
    await Promise.resolve();
    expect(seen).toEqual([]);
    await new Response(stream).text();
    expect(seen).toEqual([0, 1, 2, -1]);
  });

  it("reads no further, and closes the content, when the client goes away", async () => {
    const seen: number[] = [];
    let aborted = false;
    const stream = streamOf((signal) => {
      signal.addEventListener("abort", () => (aborted = true));
      return counting(1_000_000, seen);
    }, unexpected);
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    expect(seen).toEqual([0, -1]);
    expect(aborted).toBe(true);
  });

  it("breaks off when the content fails, and reports why", async () => {
    const reported: unknown[] = [];
    const failure = new Error("the disk is gone");
    const failing = async function* () {
      yield "half";
      throw failure;
    };
    const stream = streamOf(failing, (error) => reported.push(error));
    await expect(new Response(stream).text()).rejects.toThrow("the disk is gone");
    expect(reported).toEqual([failure]);
  });
});

describe("serverSentEvent", () => {
  it("keeps data with line breaks on one line", () => {
    expect(serverSentEvent({ event: "log", id: "7", data: { text: "a\nb" } })).toBe(
      'event: log\nid: 7\ndata: {"text":"a\\nb"}\n\n',
    );
  });

  it("refuses an id that would begin another field", () => {
    expect(() => serverSentEvent({ event: "log", id: "7\ndata: x", data: {} })).toThrow("line break");
  });
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SseSplitter, dataOf } from "./sse.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (event: Uint8Array) => new TextDecoder().decode(event);

function split(chunks: readonly Uint8Array[]): string[] {
  const splitter = new SseSplitter();
  const events = chunks.flatMap((chunk) => splitter.push(chunk));
  return [...events, splitter.rest()].map(text);
}

describe("SseSplitter", () => {
  it.each([
    ["LF", "data: 1\n\ndata: 2\n\n"],
    ["CRLF", "data: 1\r\n\r\ndata: 2\r\n\r\n"],
    ["CR", "data: 1\r\rdata: 2\r\r"],
  ])("cuts behind each blank line, with %s", (_name, stream) => {
    const events = split([bytes(stream)]);
    expect(events).toHaveLength(3);
    expect(events.map((event) => dataOf(bytes(event)))).toEqual(["1", "2", ""]);
  });

  it("changes no byte, however the stream is cut into chunks", () => {
    const piece = fc.constantFrom("data: x\n", "\n", "\r\n", ": note\n", "data:é\n\n", "event: a\n");
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.nat(8)), (pieces, sizes) => {
        const whole = bytes(pieces.join(""));
        const chunks: Uint8Array[] = [];
        let at = 0;
        for (const size of sizes) chunks.push(whole.subarray(at, (at += size)));
        chunks.push(whole.subarray(at));
        expect(split(chunks).join("")).toBe(text(whole));
      }),
    );
  });

  it("finds the same events in LF streams, however they are cut", () => {
    const stream = 'data: {"a":1}\n\n: ping\n\ndata: [DONE]\n\n';
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), (size) => {
        const chunks = stream.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
        expect(split(chunks.map(bytes))).toEqual(split([bytes(stream)]));
      }),
    );
  });

  it("gives up on an event without an end", () => {
    const splitter = new SseSplitter();
    const chunk = new Uint8Array(5 * 1024 * 1024).fill(97);
    splitter.push(chunk);
    expect(() => splitter.push(chunk)).toThrow(RangeError);
  });
});

describe("dataOf", () => {
  it("joins the lines of data and leaves the rest out", () => {
    expect(dataOf(bytes("event: a\ndata: 1\ndata:2\nid: 3\n\n"))).toBe("1\n2");
  });
});

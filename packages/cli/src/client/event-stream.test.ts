import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readEvents, type ServerSentEvent } from "./event-stream.ts";

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

async function read(text: string, size = 1000): Promise<ServerSentEvent[]> {
  return await Array.fromAsync(readEvents(inPieces(text, size)));
}

it("reads events and passes over comments", async () => {
  const stream = ': keep-alive\n\nevent: Run Finished\nid: 7\ndata: {"a":1}\n\ndata: one\ndata: two\n\n';
  expect(await read(stream)).toEqual([
    { event: "Run Finished", id: "7", data: '{"a":1}' },
    { event: "message", id: "", data: "one\ntwo" },
  ]);
});

it("reads the same however the bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (size) => {
      const events = await read("event: x\nid: é\ndata: 数\n\ndata: b\n\n", size);
      expect(events).toEqual([
        { event: "x", id: "é", data: "数" },
        { event: "message", id: "", data: "b" },
      ]);
    }),
  );
});

it("gives no event that was cut off", async () => {
  expect(await read("data: whole\n\ndata: half")).toHaveLength(1);
});

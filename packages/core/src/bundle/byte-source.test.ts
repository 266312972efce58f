import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource, chunks, collect, forwardSource, partOf, readAhead, readBytes } from "./byte-source.ts";
import { countingSource } from "./fixture.ts";

const bytes = Uint8Array.from({ length: 5000 }, (_, i) => (i * 31) % 256);

const range = fc.tuple(fc.nat(5000), fc.nat(5000)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

function inChunks(size: number): () => Promise<AsyncIterable<Uint8Array>> {
  return () =>
    Promise.resolve(
      chunks(
        Array.from({ length: Math.ceil(5000 / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size)),
      ),
    );
}

describe("every source gives the bytes of the range", () => {
  test.each([
    ["bytes in memory", () => bytesSource(bytes)],
    [
      "a part of another",
      () => partOf(bytesSource(Buffer.concat([Buffer.alloc(7), bytes, Buffer.alloc(9)])), 7, 5007),
    ],
    ["a window that moves along", () => readAhead(bytesSource(bytes), 256)],
    ["a stream that only goes forward", () => forwardSource(5000, inChunks(64), 200)],
  ])("%s", async (_, make) => {
    const source = make();
    await fc.assert(
      fc.asyncProperty(range, async ([start, end]) => {
        expect(Buffer.from(await readBytes(source, start, end))).toEqual(
          Buffer.from(bytes.slice(start, end)),
        );
      }),
      { numRuns: 150 },
    );
  });
});

test("a window serves small reads in order with one request each", async () => {
  const source = countingSource(bytes);
  const ahead = readAhead(source, 1000);
  for (let at = 0; at < 5000; at += 50) await readBytes(ahead, at, at + 50);
  expect(source.reads).toBe(5);
});

test("a forward stream is opened once for reads in order, and again to go back", async () => {
  let opened = 0;
  const open = inChunks(100);
  const source = forwardSource(
    5000,
    () => {
      opened++;
      return open();
    },
    300,
  );
  for (let at = 0; at < 5000; at += 250) await readBytes(source, at, at + 250);
  await readBytes(source, 4800, 5000);
  expect(opened).toBe(1);
  await readBytes(source, 0, 10);
  expect(opened).toBe(2);
});

test("a forward stream that is shorter than it says is an error", async () => {
  await expect(readBytes(forwardSource(6000, inChunks(64)), 5990, 6000)).rejects.toMatchObject({
    code: "source_truncated",
  });
});

test("collecting more than allowed is an error", async () => {
  await expect(collect(chunks([bytes]), 4999)).rejects.toMatchObject({ code: "too_large" });
});

import { expect, it } from "vitest";
import { NotFound } from "../error.ts";
import { readSteadily } from "./steady-read.ts";

const content = Buffer.from("the whole of it, from the first byte to the last");

/** A store whose connections break after so many bytes each; the last number holds for all that follow. */
function breaking(...lengths: number[]) {
  const starts: number[] = [];
  const stream = async (_: string, { start = 0 }: { start?: number } = {}) => {
    starts.push(start);
    const length = lengths[Math.min(starts.length, lengths.length) - 1]!;
    return (async function* () {
      for (const byte of content.subarray(start, start + length)) yield Buffer.of(byte);
      if (start + length < content.length) throw new Error("connection reset");
    })();
  };
  return { blobs: { stream }, starts };
}

const read = async ({ blobs }: ReturnType<typeof breaking>) =>
  String(Buffer.concat(await Array.fromAsync(readSteadily(blobs, "key", content.length))));

it("goes on where a connection broke", async () => {
  const store = breaking(10, 0, 5, 100);
  expect(await read(store)).toBe(String(content));
  expect(store.starts).toEqual([0, 10, 10, 15]);
});

it("reads once what comes at once", async () => {
  const store = breaking(content.length);
  expect(await read(store)).toBe(String(content));
  expect(store.starts).toEqual([0]);
});

it("gives up on connections that break again and again", async () => {
  await expect(read(breaking(0))).rejects.toThrow("connection reset");
});

it("does not ask again for what is not there", async () => {
  let asked = 0;
  const stream = async (): Promise<never> => {
    asked++;
    throw new NotFound("blob", "key");
  };
  await expect(Array.fromAsync(readSteadily({ stream }, "key", 1))).rejects.toThrow("no blob");
  expect(asked).toBe(1);
});

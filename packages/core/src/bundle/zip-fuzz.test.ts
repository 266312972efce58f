import * as fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidInput } from "../error.ts";
import { bytesSource } from "./byte-source.ts";
import { rawZip } from "./fixture.ts";
import { openZip } from "./zip-archive.ts";

/** Reads all of a zip; anything but InvalidInput is a defect. */
async function survives(bytes: Uint8Array): Promise<void> {
  try {
    const archive = await openZip(bytesSource(bytes));
    for (const entry of archive.entries) {
      let size = 0;
      for await (const chunk of await archive.open(entry)) size += chunk.length;
      expect(size).toBe(entry.size);
    }
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    expect(error.code).toMatch(/^(zip\.|source_truncated)/);
  }
}

const valid = rawZip([
  { name: "competition.yaml", data: "title: x\n".repeat(50), deflate: true },
  { name: "data/", mode: 0o040755 },
  { name: "data/a.csv", data: "1,2,3\n" },
  { name: "program.zip", data: rawZip([{ name: "metadata", data: "command: true" }]) },
]);

test("random bytes are refused and never anything worse", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), survives), { numRuns: 300 });
});

test("a valid zip with bytes changed is read or refused, never anything worse", async () => {
  const change = fc.record({ at: fc.nat(valid.length - 1), to: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
      const bytes = Uint8Array.from(valid);
      for (const { at, to } of changes) bytes[at] = to;
      await survives(bytes);
    }),
    { numRuns: 1500 },
  );
});

test("a valid zip cut, repeated or with bytes inserted is read or refused", async () => {
  const edit = fc.record({
    at: fc.nat(valid.length),
    remove: fc.nat(40),
    insert: fc.uint8Array({ maxLength: 40 }),
  });
  await fc.assert(
    fc.asyncProperty(edit, async ({ at, remove, insert }) => {
      await survives(Buffer.concat([valid.subarray(0, at), insert, valid.subarray(at + remove)]));
    }),
    { numRuns: 500 },
  );
});

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bytesSource, chunks, collect } from "./byte-source.ts";
import { zipBytes } from "./fixture.ts";
import { openZip } from "./zip-archive.ts";
import type { ZipMember } from "./zip-writer.ts";
import { writeZip } from "./zip-writer.ts";

function member(path: string, content: string | Uint8Array, more: Partial<ZipMember> = {}): ZipMember {
  return { path, open: () => Promise.resolve(chunks([Buffer.from(content)])), ...more };
}

const all = (members: readonly ZipMember[]) => collect(writeZip(members), Number.MAX_SAFE_INTEGER);

test("gives the same bytes whatever the order and the chunks of its members", async () => {
  const big = Buffer.alloc(600_000, "ab");
  const one = await all([member("b", big), member("a/x", "1")]);
  const chunked: ZipMember = {
    path: "b",
    open: () =>
      Promise.resolve(chunks([big.subarray(0, 7), big.subarray(7, 300_001), big.subarray(300_001)])),
  };
  expect(Buffer.from(await all([member("a/x", "1"), chunked])).equals(one)).toBe(true);
});

test("is read back with the same paths, contents and permissions", async () => {
  const path = fc.stringMatching(/^[a-z]{1,8}(\/[a-z0-9 _-]{1,8}){0,3}$/);
  const files = fc.dictionary(path, fc.uint8Array({ maxLength: 2000 }), { maxKeys: 20 });
  await fc.assert(
    fc.asyncProperty(files, async (given) => {
      const paths = Object.keys(given);
      fc.pre(!paths.some((a) => paths.some((b) => b.startsWith(`${a}/`))));
      const archive = await openZip(bytesSource(await zipBytes(given)));
      expect(archive.entries.map((entry) => entry.path)).toEqual(paths.sort());
      for (const entry of archive.entries) {
        expect(Buffer.from(await collect(await archive.open(entry), 2000))).toEqual(
          Buffer.from(given[entry.path]!),
        );
      }
    }),
    { numRuns: 60 },
  );
});

test("is accepted by unzip, small members and large", async () => {
  const directory = mkdtempSync(join(tmpdir(), "zip-writer-"));
  try {
    const file = join(directory, "out.zip");
    writeFileSync(
      file,
      await all([
        member("run.sh", "echo", { executable: true }),
        member("big", Buffer.alloc(700_000, 1)),
        member("é/ü", ""),
      ]),
    );
    expect(execFileSync("unzip", ["-tq", file], { encoding: "utf8" })).toContain("No errors detected");
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("refuses two members of one path, an unsafe path, and a member that changes size", async () => {
  await expect(all([member("a", "1"), member("a", "2")])).rejects.toMatchObject({
    code: "zip.duplicate_path",
  });
  await expect(all([member("../a", "1")])).rejects.toMatchObject({ code: "zip.unsafe_path" });
  await expect(all([member("a", "1", { size: 2 })])).rejects.toMatchObject({ code: "file_changed" });
});

test("passes on the error of a member that cannot be read", async () => {
  const broken: ZipMember = { path: "a", open: () => Promise.reject(new Error("disk")) };
  await expect(all([broken])).rejects.toThrow("disk");
});

import { describe, expect, test } from "vitest";
import { InvalidInput } from "../error.ts";
import type { ByteSource } from "./byte-source.ts";
import { bytesSource, collect } from "./byte-source.ts";
import type { RawEntry, RawZip } from "./fixture.ts";
import { countingSource, rawZip, zipBytes } from "./fixture.ts";
import type { ZipLimits } from "./zip-archive.ts";
import { openZip } from "./zip-archive.ts";

const decoder = new TextDecoder();

async function contents(source: ByteSource, limits?: Partial<ZipLimits>): Promise<Record<string, string>> {
  const archive = await openZip(source, limits);
  const found: Record<string, string> = {};
  for (const entry of archive.entries) {
    found[entry.path] = decoder.decode(await collect(await archive.open(entry), 10_000_000));
  }
  return found;
}

async function refusal(bytes: Uint8Array, limits?: Partial<ZipLimits>): Promise<string> {
  const error = await contents(bytesSource(bytes), limits).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InvalidInput);
  expect((error as InvalidInput).hint).toBeDefined();
  return (error as InvalidInput).code;
}

const zip = (entries: readonly RawEntry[], options?: RawZip) => rawZip(entries, options);

describe("openZip", () => {
  test("reads stored and deflated entries", async () => {
    const bytes = zip([
      { name: "a.txt", data: "hello" },
      { name: "b/c.txt", data: "x".repeat(100_000), deflate: true },
    ]);
    expect(await contents(bytesSource(bytes))).toEqual({ "a.txt": "hello", "b/c.txt": "x".repeat(100_000) });
  });

  test("reads an entry too large to be inflated in one call", async () => {
    const data = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * 7919) % 251));
    const archive = await openZip(bytesSource(zip([{ name: "big", data, deflate: true }])));
    expect(Buffer.from(await collect(await archive.open(archive.entries[0]!), 1e6)).equals(data)).toBe(true);
  });

  test("reads a zip without entries", async () => {
    expect(await contents(bytesSource(zip([])))).toEqual({});
  });

  test("reads a zip with a comment, and one whose last member is a zip itself", async () => {
    const inner = zip([{ name: "inner.txt", data: "deep" }]);
    const bytes = zip([{ name: "inner.zip", data: inner }], { comment: Buffer.from("made by hand") });
    const archive = await openZip(bytesSource(bytes));
    const nested = await archive.stored(archive.entries[0]!);
    expect(await contents(nested!)).toEqual({ "inner.txt": "deep" });
  });

  test("tells directories, and files that may be run", async () => {
    const archive = await openZip(
      bytesSource(
        zip([
          { name: "bin/", mode: 0o040755 },
          { name: "bin/run", mode: 0o100755 },
          { name: "bin/data", mode: 0o100644 },
        ]),
      ),
    );
    expect(archive.entries.map(({ path, kind, executable }) => [path, kind, executable])).toEqual([
      ["bin", "directory", true],
      ["bin/run", "file", true],
      ["bin/data", "file", false],
    ]);
  });

  test("reads names as UTF-8, flagged or not, else as code page 437", async () => {
    const bytes = zip([
      { name: "é", flags: 0x800 },
      { name: "ü", flags: 0 },
      { name: Buffer.from([0x81, 0x41]), flags: 0 },
    ]);
    expect(Object.keys(await contents(bytesSource(bytes)))).toEqual(["é", "ü", "üA"]);
  });

  test("drops a leading ./ from names", async () => {
    expect(await contents(bytesSource(zip([{ name: "./" }, { name: "./a", data: "1" }])))).toEqual({
      a: "1",
    });
  });

  test("reads more than 65,535 entries, and a member in one request of a few kilobytes", async () => {
    const files = Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`f${i}`, `${i}`]));
    const source = countingSource(await zipBytes(files));
    const archive = await openZip(source);
    expect(archive.entries).toHaveLength(70_000);
    expect(source.reads).toBeLessThan(6);
    const before = source.bytesRead;
    const entry = archive.entries.find(({ path }) => path === "f4711")!;
    expect(decoder.decode(await collect(await archive.open(entry), 10))).toBe("4711");
    expect(source.bytesRead - before).toBeLessThanOrEqual(1024 * 1024);
  });
});

describe("openZip refuses", () => {
  test.each<[string, Uint8Array, string]>([
    ["an empty file", Buffer.alloc(0), "zip.not_a_zip"],
    ["a tarball", Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]), "zip.not_a_zip"],
    ["a web page", Buffer.from("<!DOCTYPE html><p>Not found</p>"), "zip.not_a_zip"],
    [
      "a Git LFS pointer",
      Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"),
      "zip.not_a_zip",
    ],
    ["a zip that was cut short", zip([{ name: "a", data: "hello" }]).subarray(0, 60), "zip.truncated"],
    [
      "a zip followed by other bytes",
      zip([{ name: "a", data: "hello" }], { after: Buffer.from("tail") }),
      "zip.truncated",
    ],
    ["bytes before the zip", Buffer.concat([Buffer.from("sfx"), zip([{ name: "a" }])]), "zip.corrupt"],
    ["more entries than its directory can hold", zip([{ name: "a" }], { entryCount: 60_000 }), "zip.corrupt"],
    [
      "a directory that holds more",
      zip([{ name: "a" }, { name: "b" }], { entryCount: 1 }),
      "zip.multi_disk|zip.corrupt",
    ],
    ["an encrypted entry", zip([{ name: "a", data: "x", flags: 0x801 }]), "zip.encrypted"],
    ["an unknown compression", zip([{ name: "a", data: "x", method: 12 }]), "zip.unsupported_method"],
    ["a symbolic link", zip([{ name: "a", data: "/etc/passwd", mode: 0o120777 }]), "zip.special_file"],
    ["a device", zip([{ name: "a", mode: 0o060644 }]), "zip.special_file"],
    ["an absolute path", zip([{ name: "/etc/passwd" }]), "zip.unsafe_path"],
    ["a path that leaves", zip([{ name: "a/../../b" }]), "zip.unsafe_path"],
    ["a backslash", zip([{ name: "a\\b" }]), "zip.unsafe_path"],
    ["a drive letter", zip([{ name: "C:/a" }]), "zip.unsafe_path"],
    ["a control character", zip([{ name: "a\nb" }]), "zip.unsafe_path"],
    ["a NUL", zip([{ name: "a\0.txt" }]), "zip.unsafe_path"],
    ["an over-long name", zip([{ name: "x".repeat(256) }]), "zip.unsafe_path"],
    ["a name that is flagged UTF-8 and is not", zip([{ name: Buffer.from([0xff]) }]), "zip.unsafe_path"],
    ["one path twice", zip([{ name: "a" }, { name: "a" }]), "zip.duplicate_path"],
    ["paths that differ in case only", zip([{ name: "a" }, { name: "A" }]), "zip.duplicate_path"],
    [
      "paths that differ in normal form only",
      zip([{ name: "\u00e9" }, { name: "e\u0301" }]),
      "zip.duplicate_path",
    ],
    ["a file where a directory is needed", zip([{ name: "a" }, { name: "a/b" }]), "zip.duplicate_path"],
    [
      "entries that share their data",
      zip([
        { name: "a", data: "xxxx" },
        { name: "b", offset: 0 },
      ]),
      "zip.overlap",
    ],
    ["an entry outside of the zip", zip([{ name: "a", offset: 5000 }]), "zip.overlap"],
    ["a wrong checksum", zip([{ name: "a", data: "hello", crc: 1 }]), "zip.corrupt"],
    [
      "a deflated entry that is larger than it says",
      zip([{ name: "a", data: "hello", deflate: true, size: 3 }]),
      "zip.corrupt",
    ],
    [
      "a deflated entry that is smaller than it says",
      zip([{ name: "a", data: "hello", deflate: true, size: 9 }]),
      "zip.corrupt",
    ],
    ["a stored entry with two sizes", zip([{ name: "a", data: "hello", size: 4 }]), "zip.corrupt"],
    ["data that is not deflated", zip([{ name: "a", data: "\u0007hello", method: 8 }]), "zip.corrupt"],
    [
      "a local header with another name",
      zip([{ name: "a", localName: "b", data: "x" }]),
      "zip.header_mismatch",
    ],
    ["a directory with content", zip([{ name: "a/", data: "x", mode: 0o040755 }]), "zip.corrupt"],
    ["two end records", zip([{ name: "a" }], { comment: Buffer.from(zip([])) }), "zip.ambiguous"],
  ])("%s", async (_, bytes, codes) => {
    expect(codes.split("|")).toContain(await refusal(bytes));
  });

  test("250 bytes that claim a hundred million entries, at no cost", async () => {
    const end = Buffer.alloc(98);
    end.writeUInt32LE(0x06064b50, 0);
    end.writeBigUInt64LE(44n, 4);
    end.writeBigUInt64LE(100_000_000n, 24);
    end.writeBigUInt64LE(100_000_000n, 32);
    end.writeUInt32LE(0x07064b50, 56);
    end.writeUInt32LE(1, 72);
    end.writeUInt32LE(0x06054b50, 76);
    end.writeUInt16LE(0xffff, 84);
    end.writeUInt16LE(0xffff, 86);
    expect(await refusal(end)).toBe("zip.corrupt");
  });

  test("more entries, larger entries or a larger total than allowed", async () => {
    const bytes = zip([
      { name: "a", data: "12345" },
      { name: "b", data: "12345" },
    ]);
    expect(await refusal(bytes, { maxEntries: 1 })).toBe("zip.too_many_entries");
    expect(await refusal(bytes, { maxEntryBytes: 4 })).toBe("zip.too_large");
    expect(await refusal(bytes, { maxTotalBytes: 9 })).toBe("zip.too_large");
  });

  test("a bomb, by the ratio of an entry", async () => {
    const bytes = zip([{ name: "zeros", data: Buffer.alloc(1_000_000), deflate: true }]);
    expect(await refusal(bytes, { ratioFreeBytes: 1000 })).toBe("zip.ratio");
    expect(Object.keys(await contents(bytesSource(bytes)))).toEqual(["zeros"]);
  });
});

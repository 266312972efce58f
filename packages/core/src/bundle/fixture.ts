/** Bundles and zips for tests: well-formed ones, and ones nobody's tools would write. */
import { crc32, deflateRawSync } from "node:zlib";
import type { Finding } from "../wire/finding.ts";
import type { ByteSource } from "./byte-source.ts";
import { bytesSource, chunks, collect } from "./byte-source.ts";
import type { BundleReport } from "./read.ts";
import { readBundle } from "./read.ts";
import type { BundleTree } from "./tree.ts";
import { zipTree } from "./tree.ts";
import { openZip } from "./zip-archive.ts";
import { writeZip } from "./zip-writer.ts";

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A bundle in memory. */
export function memoryTree(files: Files, name = "bundle"): BundleTree {
  const contents = new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]));
  return {
    name,
    files: new Map([...contents].map(([path, { length }]) => [path, { size: length, executable: false }])),
    open: (path) => Promise.resolve(chunks([contents.get(path)!])),
  };
}

/** A zip of the files, as `writeZip` makes it. */
export async function zipBytes(files: Files): Promise<Uint8Array> {
  const members = Object.entries(files).map(([path, content]) => ({
    path,
    open: () => Promise.resolve(chunks([Buffer.from(content)])),
  }));
  return await collect(writeZip(members), Number.MAX_SAFE_INTEGER);
}

/** Reads the bytes of a zip as a bundle. */
export async function readZipBundle(bytes: Uint8Array): Promise<BundleReport> {
  return await readBundle(zipTree(await openZip(bytesSource(bytes)), "bundle.zip"));
}

/** The least a bundle can be: one task, one phase, one column, predictions compared with a file. */
export const goodBundle: Files = {
  "competition.yaml": [
    "version: 2",
    "title: Penguins",
    "phases:",
    "  - name: Only phase",
    "    tasks: [0]",
    "tasks:",
    "  - index: 0",
    "    name: Species",
    "    scoring_program: scoring/",
    "    reference_data: reference",
    "leaderboard:",
    "  - title: Results",
    "    key: main",
    "    columns:",
    "      - title: Accuracy",
    "        key: accuracy",
    "        index: 0",
    "",
  ].join("\n"),
  "scoring/metadata.yaml": "command: python3 score.py $input $output\n",
  "scoring/score.py": 'print({"accuracy": 1})\n',
  "reference/labels.csv": "id,species\n1,adelie\n2,gentoo\n",
};

/** The good bundle's document with a piece replaced, and other files added. */
export function variant(from: string, to: string, files: Files = {}): BundleTree {
  const document = goodBundle["competition.yaml"] as string;
  if (!document.includes(from)) throw new Error(`the good bundle does not say ${from}`);
  return memoryTree({ ...goodBundle, "competition.yaml": document.replace(from, to), ...files });
}

export interface RawEntry {
  readonly name: string | Uint8Array;
  readonly data?: string | Uint8Array;
  readonly deflate?: boolean;
  /** What the headers say where it is not the truth. */
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
  readonly size?: number;
  readonly compressedSize?: number;
  readonly offset?: number;
  readonly mode?: number;
  readonly localName?: string;
  /** Central directory's extra field. */
  readonly extra?: Uint8Array;
}

export interface RawZip {
  readonly comment?: Uint8Array;
  readonly entryCount?: number;
  readonly after?: Uint8Array;
}

/** A zip written record by record, so that any of them can lie. */
export function rawZip(entries: readonly RawEntry[], zip: RawZip = {}): Uint8Array {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let position = 0;
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? "");
    const stored = entry.deflate === true ? deflateRawSync(data) : data;
    const facts = {
      flags: entry.flags ?? 0x800,
      method: entry.method ?? (entry.deflate === true ? 8 : 0),
      crc: entry.crc ?? crc32(data),
      size: entry.size ?? data.length,
      compressedSize: entry.compressedSize ?? stored.length,
    };
    const record = [localHeader(entry, facts), stored];
    central.push(centralHeader(entry, facts, entry.offset ?? position));
    local.push(...record);
    position += record[0]!.length + stored.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(zip.entryCount ?? entries.length, 8);
  end.writeUInt16LE(zip.entryCount ?? entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(position, 16);
  end.writeUInt16LE(zip.comment?.length ?? 0, 20);
  return Buffer.concat([
    ...local,
    directory,
    end,
    zip.comment ?? Buffer.alloc(0),
    zip.after ?? Buffer.alloc(0),
  ]);
}

interface Facts {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly size: number;
  readonly compressedSize: number;
}

function localHeader(entry: RawEntry, facts: Facts): Buffer {
  const name = Buffer.from(entry.localName ?? entry.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(facts.flags, 6);
  header.writeUInt16LE(facts.method, 8);
  header.writeUInt32LE(facts.crc, 14);
  header.writeUInt32LE(facts.compressedSize, 18);
  header.writeUInt32LE(facts.size, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function centralHeader(entry: RawEntry, facts: Facts, offset: number): Buffer {
  const name = Buffer.from(entry.name);
  const extra = entry.extra ?? Buffer.alloc(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(3 << 8, 4);
  header.writeUInt16LE(facts.flags, 8);
  header.writeUInt16LE(facts.method, 10);
  header.writeUInt32LE(facts.crc, 16);
  header.writeUInt32LE(facts.compressedSize, 20);
  header.writeUInt32LE(facts.size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, name, extra]);
}

/** Counts what is read of a source. */
export function countingSource(bytes: Uint8Array): ByteSource & { reads: number; bytesRead: number } {
  const source = bytesSource(bytes);
  return {
    size: source.size,
    reads: 0,
    bytesRead: 0,
    async read(start, end) {
      this.reads++;
      this.bytesRead += end - start;
      return await source.read(start, end);
    },
  };
}

/** The good bundle's files but one. */
export function without(path: string): Files {
  return Object.fromEntries(Object.entries(goodBundle).filter(([name]) => name !== path));
}

export async function findings(tree: BundleTree): Promise<Finding[]> {
  return (await readBundle(tree)).findings;
}

/** The findings as `level code path` each. */
export async function told(tree: BundleTree): Promise<string[]> {
  return (await findings(tree)).map(({ level, code, path }) => [level, code, path].filter(Boolean).join(" "));
}

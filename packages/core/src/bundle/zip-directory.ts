/** A zip's directory, read from the one range that holds it and checked as a whole before any of it is used. */
import type { File } from "unzipper";
import type { InvalidInput } from "../error.ts";
import type { ByteSource } from "./byte-source.ts";
import { readBytes } from "./byte-source.ts";
import type { ZipLimits } from "./zip-limit.ts";
import { readCentralRecords } from "./zip-central.ts";
import { corruptZip, zipError } from "./zip-error.ts";
import { readEndRecord } from "./zip-end-record.ts";
import { checkPath, decodePath, foldPath, shortened } from "./zip-path.ts";

/** A checked record of the directory. */
export interface DirectoryRecord {
  readonly path: string;
  readonly kind: "file" | "directory";
  /** Bytes, inflated. */
  readonly size: number;
  /** Bytes, as stored. */
  readonly compressedSize: number;
  readonly executable: boolean;
  readonly crc32: number;
  readonly deflated: boolean;
  /** As the archive spells it, to be compared with the local header. */
  readonly rawPath: Uint8Array;
  /** Where the local header starts. */
  readonly offset: number;
  /** Where the next record or the directory starts: nothing of this entry may lie beyond. */
  readonly limit: number;
}

const flag = { encrypted: 0x1, strongEncryption: 0x40, utf8: 0x800, maskedHeaders: 0x2000 };

/**
 * Reads and checks the directory.
 * @throws InvalidInput with a `zip.…` code
 */
export async function readDirectory(source: ByteSource, limits: ZipLimits): Promise<DirectoryRecord[]> {
  const end = await readEndRecord(source);
  if (end.entryCount > limits.maxEntries) {
    throw zipError(
      "zip.too_many_entries",
      `The zip has ${end.entryCount} entries; at most ${limits.maxEntries} are allowed.`,
      "Pack many small files into fewer larger ones.",
    );
  }
  if (end.directorySize > limits.maxDirectoryBytes) {
    throw corruptZip(`The zip's directory takes ${end.directorySize} bytes.`);
  }
  const directoryEnd = end.directoryStart + end.directorySize;
  const directory = Buffer.from(await readBytes(source, end.directoryStart, directoryEnd));
  const found: DirectoryRecord[] = [];
  for await (const file of readCentralRecords(directory, end.entryCount)) {
    found.push(checked(file, end.directoryStart));
  }
  const records = bounded(found, end.directoryStart);
  checkNames(records);
  checkSizes(records, source.size, limits);
  return records.filter(({ path }) => path !== "");
}

function checked(file: File, directoryStart: number): DirectoryRecord {
  const flaggedUtf8 = (file.flags & flag.utf8) !== 0;
  // Some tools write every path as "./path"; that of the root itself is dropped.
  const written = decodePath(file.pathBuffer, flaggedUtf8);
  const path = written.replace(/^(\.\/)+/, "");
  if (path !== "" || written === "") checkPath(path);
  const name = shortened(path);
  if ((file.flags & (flag.encrypted | flag.strongEncryption | flag.maskedHeaders)) !== 0) {
    throw zipError("zip.encrypted", `The entry ${name} is encrypted.`, "Pack the zip without a password.");
  }
  if (file.compressionMethod !== 0 && file.compressionMethod !== 8) {
    throw zipError(
      "zip.unsupported_method",
      `The entry ${name} is compressed with method ${file.compressionMethod}; only stored (0) and deflated (8) can be read.`,
      "Pack it with `zip -r`, or choose Deflate in 7-Zip.",
    );
  }
  const { uncompressedSize: size, compressedSize, offsetToLocalFileHeader: offset } = file;
  for (const value of [size, compressedSize, offset]) {
    if (!Number.isSafeInteger(value)) throw corruptZip(`The entry ${name} has an impossible size.`);
  }
  const kind = path.endsWith("/") || path === "" ? "directory" : "file";
  if (kind === "directory" && size > 0) throw corruptZip(`The directory ${name} has content.`);
  if (file.compressionMethod === 0 && size !== compressedSize) {
    throw corruptZip(`The entry ${name} is stored, and has two sizes.`);
  }
  if (file.compressionMethod === 8 && compressedSize === 0 && size > 0) {
    throw corruptZip(`The entry ${name} has no data.`);
  }
  return {
    path: path.replace(/\/$/, ""),
    kind,
    size,
    compressedSize,
    executable: (unixMode(file, name, kind) & 0o111) !== 0,
    crc32: file.crc32,
    deflated: file.compressionMethod === 8,
    rawPath: file.pathBuffer,
    offset,
    limit: directoryStart,
  };
}

/** The permission bits, where the packer had any; refuses links, devices, sockets and pipes. */
function unixMode(file: File, name: string, kind: "file" | "directory"): number {
  const mode = file.externalFileAttributes >>> 16;
  const madeOn = file.versionMadeBy >>> 8;
  if (madeOn !== 3 && madeOn !== 19) return 0;
  const type = mode & 0o170000;
  // A name that ends in "/" is a directory, even where the packer left it the type of a file.
  if (type === 0 || type === 0o100000 || (kind === "directory" && type === 0o040000)) return mode;
  throw zipError(
    "zip.special_file",
    `The entry ${name} is ${type === 0o120000 ? "a symbolic link" : "not a regular file"}.`,
    "Pack the files themselves: `zip -r` follows links unless told `-y`.",
  );
}

/** Gives each record its limit; refuses records that share bytes (overlapping entries inflate the same data often). */
function bounded(records: readonly DirectoryRecord[], directoryStart: number): DirectoryRecord[] {
  const limits = new Map<DirectoryRecord, number>();
  let limit = directoryStart;
  for (const record of [...records].sort((a, b) => b.offset - a.offset)) {
    // A local header has 30 bytes, the name, and an extra field whose length is only known when it is opened.
    if (record.offset + 30 + record.rawPath.length + record.compressedSize > limit) {
      throw zipError(
        "zip.overlap",
        `The entry ${shortened(record.path)} overlaps another or lies outside of the zip.`,
        "Pack the zip again, and test it with `unzip -t`.",
      );
    }
    limits.set(record, limit);
    limit = record.offset;
  }
  return records.map((record) => ({ ...record, limit: limits.get(record)! }));
}

/** Refuses one path twice, paths that are one on some systems, and a file where another needs a directory. */
function checkNames(records: readonly DirectoryRecord[]): void {
  const files = new Map<string, string>();
  const directories = new Map<string, string>();
  for (const { path, kind } of records) {
    const folded = foldPath(path);
    const other = files.get(folded);
    if (kind === "directory") directories.set(folded, path);
    else if (other !== undefined) throw duplicate(other, path);
    else files.set(folded, path);
    for (let slash = folded.lastIndexOf("/"); slash > 0; slash = folded.lastIndexOf("/", slash - 1)) {
      const parent = folded.slice(0, slash);
      if (directories.has(parent)) break;
      directories.set(parent, path);
    }
  }
  for (const [folded, path] of files) {
    const inside = directories.get(folded);
    if (inside !== undefined) throw duplicate(path, inside);
  }
}

function duplicate(one: string, other: string): InvalidInput {
  const clash =
    one === other
      ? `The zip holds ${shortened(one)} twice.`
      : `The zip holds ${shortened(one)} and ${shortened(other)}, which cannot exist side by side on every system.`;
  return zipError("zip.duplicate_path", clash, "Rename or remove one of them.");
}

function checkSizes(records: readonly DirectoryRecord[], archiveSize: number, limits: ZipLimits): void {
  let total = 0;
  for (const { path, size, compressedSize } of records) {
    if (size > limits.maxEntryBytes) {
      throw tooLarge(`The entry ${shortened(path)} unpacks to ${size} bytes`, limits.maxEntryBytes);
    }
    if (size > limits.ratioFreeBytes + limits.maxRatio * compressedSize) throw bomb(shortened(path), limits);
    total += size;
  }
  if (total > limits.maxTotalBytes) {
    throw tooLarge(`The zip unpacks to ${total} bytes`, limits.maxTotalBytes);
  }
  if (total > limits.ratioFreeBytes + limits.maxRatio * archiveSize) throw bomb("The zip", limits);
}

function tooLarge(what: string, limit: number): InvalidInput {
  return zipError("zip.too_large", `${what}; at most ${limit} are allowed.`, "Leave out what is not needed.");
}

function bomb(what: string, limits: ZipLimits): InvalidInput {
  return zipError(
    "zip.ratio",
    `${what} unpacks to more than ${limits.maxRatio} times its size, as only bombs do.`,
    "Store the data in a more compact form, or pack it without compression (`zip -0`).",
  );
}

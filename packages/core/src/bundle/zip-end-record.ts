/**
 * The records at the end of a zip, which say where its directory lies (APPNOTE.TXT 4.3.14–4.3.16). They are checked
 * before anything is opened: 250 bytes claiming a hundred million entries must not cost gigabytes, and an archive
 * that two programs would read differently is refused.
 */
import type { ByteSource } from "./byte-source.ts";
import { readBytes } from "./byte-source.ts";
import { corruptZip, zipError } from "./zip-error.ts";

export interface EndRecord {
  readonly entryCount: number;
  readonly directoryStart: number;
  /** Bytes. */
  readonly directorySize: number;
}

const endSignature = 0x06054b50;
const zip64EndSignature = 0x06064b50;
const zip64LocatorSignature = 0x07064b50;
const endRecordBytes = 22;
const zip64LocatorBytes = 20;
const zip64EndBytes = 56;
const maxCommentBytes = 0xffff;

/**
 * Finds the one end record and checks it against the size of the source.
 * @throws InvalidInput `zip.not_a_zip`, `zip.truncated`, `zip.ambiguous`, `zip.multi_disk`, `zip.corrupt`
 */
export async function readEndRecord(source: ByteSource): Promise<EndRecord> {
  const tailStart = Math.max(0, source.size - endRecordBytes - maxCommentBytes);
  const tail = view(await readBytes(source, tailStart, source.size));
  const at = await locate(source, tail);
  const record = {
    disk: tail.getUint16(at + 4, true),
    directoryDisk: tail.getUint16(at + 6, true),
    entriesOnDisk: tail.getUint16(at + 8, true),
    entryCount: tail.getUint16(at + 10, true),
    directorySize: tail.getUint32(at + 12, true),
    directoryStart: tail.getUint32(at + 16, true),
  };
  const zip64 = await readZip64(source, tailStart + at);
  // Each field overflows into the 64-bit record on its own.
  const needed =
    record.disk === 0xffff ||
    record.entryCount === 0xffff ||
    record.directorySize === 0xffffffff ||
    record.directoryStart === 0xffffffff;
  const values = needed && zip64 !== undefined ? zip64 : record;
  if (values.disk !== 0 || values.directoryDisk !== 0 || values.entriesOnDisk !== values.entryCount) {
    throw zipError("zip.multi_disk", "The zip is one part of a split archive.", "Pack it as a single zip.");
  }
  const { entryCount, directorySize, directoryStart } = values;
  const directoryEnd = zip64?.at ?? tailStart + at;
  if (directoryStart + directorySize !== directoryEnd) {
    throw corruptZip(
      `The zip's directory should end at byte ${directoryEnd} and, by its end record, ends at byte ${directoryStart + directorySize}.`,
    );
  }
  // A directory record has at least 46 bytes.
  if (entryCount * 46 > directorySize) {
    throw corruptZip(
      `The zip claims ${entryCount} entries in a directory of ${directorySize} bytes, which cannot hold them.`,
    );
  }
  return { entryCount, directoryStart, directorySize };
}

/** The position of the end record in the tail: its comment must reach exactly to the end. */
async function locate(source: ByteSource, tail: DataView): Promise<number> {
  const found: number[] = [];
  let signatures = 0;
  for (let at = tail.byteLength - endRecordBytes; at >= 0; at--) {
    if (tail.getUint32(at, true) !== endSignature) continue;
    signatures++;
    if (at + endRecordBytes + tail.getUint16(at + 20, true) === tail.byteLength) found.push(at);
  }
  if (found.length > 1) {
    throw zipError(
      "zip.ambiguous",
      "The zip has two end records, so programs disagree about what it contains.",
      "Pack it again, without an archive comment.",
    );
  }
  if (found[0] !== undefined) return found[0];
  const head = Buffer.from(await readBytes(source, 0, Math.min(source.size, 300)));
  if (head.length >= 4 && head.readUInt32LE(0) === 0x04034b50) {
    throw zipError(
      "zip.truncated",
      signatures > 0
        ? "The zip is followed by bytes that do not belong to it, or was cut short."
        : "The zip was cut short: the directory at its end is missing.",
      "Copy or download it again, and test it with `unzip -t`.",
    );
  }
  const [what, hint] = describe(head);
  throw zipError("zip.not_a_zip", `Not a zip: ${what}.`, hint);
}

const magics: readonly (readonly [string, string])[] = [
  ["\u001f\u008b", "a gzip file (.tar.gz)"],
  ["7z\u00bc\u00af\u0027\u001c", "a 7-Zip archive"],
  ["Rar!", "a RAR archive"],
  ["BZh", "a bzip2 file"],
  ["\u00fd7zXZ", "an xz file"],
  ["%PDF", "a PDF document"],
];

function describe(head: Buffer): [string, string] {
  const text = head.toString("latin1");
  const pack = "Pack the content as a zip: `zip -r name.zip .`";
  if (text.length === 0) return ["the file is empty", pack];
  if (isLfsPointer(head)) return ["a Git LFS pointer, not the file itself", lfsHint];
  if (/^\s*<(!doctype|html)/i.test(text)) return ["a web page", "Download the file itself, not its page."];
  const magic = magics.find(([start]) => text.startsWith(start));
  if (magic !== undefined) return [magic[1], pack];
  return [text.slice(257, 262) === "ustar" ? "a tar archive" : "no end record was found", pack];
}

export const lfsHint = "Run `git lfs pull` where the bundle is made, then pack it again.";

/** Whether the beginning of a file is that of a Git LFS pointer (git-lfs specification, version 1). */
export function isLfsPointer(head: Uint8Array): boolean {
  return Buffer.from(head).toString("latin1").startsWith("version https://git-lfs.github.com/spec/");
}

interface Zip64End {
  readonly at: number;
  readonly disk: number;
  readonly directoryDisk: number;
  readonly entriesOnDisk: number;
  readonly entryCount: number;
  readonly directorySize: number;
  readonly directoryStart: number;
}

/** The 64-bit end record, when the bytes before the classic one point to it. */
async function readZip64(source: ByteSource, endRecordAt: number): Promise<Zip64End | undefined> {
  const locatorAt = endRecordAt - zip64LocatorBytes;
  if (locatorAt < zip64EndBytes) return undefined;
  const locator = view(await readBytes(source, locatorAt, endRecordAt));
  if (locator.getUint32(0, true) !== zip64LocatorSignature) return undefined;
  const at = uint64(locator, 8);
  if (at > locatorAt - zip64EndBytes) throw corruptZip("The zip's 64-bit end record lies outside of it.");
  const record = view(await readBytes(source, at, at + zip64EndBytes));
  if (record.getUint32(0, true) !== zip64EndSignature || at + 12 + uint64(record, 4) !== locatorAt) {
    throw corruptZip("The zip's 64-bit end record is damaged.");
  }
  return {
    at,
    disk: record.getUint32(16, true),
    directoryDisk: record.getUint32(20, true),
    entriesOnDisk: uint64(record, 24),
    entryCount: uint64(record, 32),
    directorySize: uint64(record, 40),
    directoryStart: uint64(record, 48),
  };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function uint64(record: DataView, at: number): number {
  // Beyond 2^53 a number loses precision, and every check against the source's size fails as it should.
  return Number(record.getBigUint64(at, true));
}

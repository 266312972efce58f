/**
 * Packing a zip so that equal content gives equal bytes, on any machine. Written here rather than with yazl, whose
 * cost grows with the square of the number of members: 43 s for 100,000 small files, against under one.
 */
import { crc32 } from "node:zlib";
import { InvalidInput } from "../error.ts";
import type { MemberRecord } from "./zip-record.ts";
import { centralHeader, dataDescriptor, endRecords, localHeader } from "./zip-record.ts";
import { checkPath, shortened } from "./zip-path.ts";

export interface ZipMember {
  /** Relative, `/` between segments; one at the end makes it a directory, which holds nothing. */
  readonly path: string;
  readonly executable?: boolean;
  /** Bytes, when known; checked. */
  readonly size?: number;
  open(): Promise<AsyncIterable<Uint8Array>>;
}

/** Members up to this size are held whole, so that their header can carry size and CRC-32. */
const smallBytes = 256 * 1024;

/** What is yielded at once, at least: small members would otherwise make a chunk each. */
const chunkBytes = 64 * 1024;

/**
 * A zip of the members: sorted by path, one fixed time, modes 644 and 755, and **stored, not deflated**: deflate's
 * output differs between versions and processors, and the same directory packed on two machines must hash alike.
 * A stored zip can also be read at random when it lies inside another.
 * @throws InvalidInput `zip.unsafe_path`, `zip.duplicate_path`, `file_changed`; whatever reading a member throws
 */
export async function* writeZip(
  members: Iterable<ZipMember> | AsyncIterable<ZipMember>,
): AsyncGenerator<Uint8Array> {
  const sorted: { name: Buffer; member: ZipMember }[] = [];
  for await (const member of members) {
    checkPath(member.path);
    sorted.push({ name: Buffer.from(member.path), member });
  }
  sorted.sort((a, b) => Buffer.compare(a.name, b.name));
  for (const [index, { name, member }] of sorted.entries()) {
    if (index > 0 && name.equals(sorted[index - 1]!.name)) {
      throw new InvalidInput("zip.duplicate_path", `Two members are called ${shortened(member.path)}.`);
    }
  }
  yield* batched(pack(sorted));
}

async function* pack(members: readonly { name: Buffer; member: ZipMember }[]): AsyncGenerator<Uint8Array> {
  const central: Buffer[] = [];
  let position = 0;
  for (const { name, member } of members) {
    const content = (await member.open())[Symbol.asyncIterator]();
    try {
      const record: MemberRecord = { name, executable: member.executable === true, offset: position };
      const head = await takeUpTo(content, smallBytes);
      const whole = head.ended ? { size: head.bytes.length, crc32: crc32(head.bytes) } : undefined;
      const header = localHeader(record, whole);
      yield header;
      yield head.bytes;
      let { size, crc } = { size: head.bytes.length, crc: crc32(head.bytes) };
      if (whole === undefined) {
        for (let next = await content.next(); next.done !== true; next = await content.next()) {
          yield next.value;
          size += next.value.length;
          crc = crc32(next.value, crc);
        }
      }
      if (member.size !== undefined && member.size !== size) throw changed(member, size);
      const descriptor = whole === undefined ? dataDescriptor({ size, crc32: crc }) : undefined;
      if (descriptor !== undefined) yield descriptor;
      central.push(centralHeader(record, { size, crc32: crc }, whole === undefined));
      position += header.length + size + (descriptor?.length ?? 0);
    } finally {
      await content.return?.();
    }
  }
  yield* central;
  const directorySize = central.reduce((sum, header) => sum + header.length, 0);
  yield endRecords({ entryCount: central.length, directoryStart: position, directorySize });
}

/** The beginning of a stream: all of it when it is no longer than `most`. */
async function takeUpTo(
  content: AsyncIterator<Uint8Array>,
  most: number,
): Promise<{ bytes: Buffer; ended: boolean }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length <= most) {
    const next = await content.next();
    if (next.done === true) return { bytes: Buffer.concat(parts, length), ended: true };
    parts.push(next.value);
    length += next.value.length;
  }
  return { bytes: Buffer.concat(parts, length), ended: false };
}

async function* batched(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const part of parts) {
    waiting.push(part);
    length += part.length;
    if (length < chunkBytes) continue;
    yield waiting.length === 1 ? part : Buffer.concat(waiting, length);
    [waiting, length] = [[], 0];
  }
  if (length > 0) yield Buffer.concat(waiting, length);
}

function changed(member: ZipMember, size: number): InvalidInput {
  return new InvalidInput(
    "file_changed",
    `${shortened(member.path)} had ${member.size} bytes and has ${size} now: it changed while it was packed.`,
  );
}

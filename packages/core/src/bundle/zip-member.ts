/**
 * One entry's content. The local header is read by ourselves, because unzipper's own member stream trusts it where
 * it contradicts the directory, and the two must agree: programs that read one or the other would see two archives.
 */
import { Readable, pipeline } from "node:stream";
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import type { InvalidInput } from "../error.ts";
import { messageOf } from "../error.ts";
import type { ByteSource } from "./byte-source.ts";
import { chunks, partOf, readBytes } from "./byte-source.ts";
import type { DirectoryRecord } from "./zip-directory.ts";
import { corruptZip, zipError } from "./zip-error.ts";
import { shortened } from "./zip-path.ts";

/** The archive, and the same archive through a window that makes small reads in order cheap. */
export interface ArchiveSource {
  readonly source: ByteSource;
  readonly ahead: ByteSource;
}

const localSignature = 0x04034b50;
const localHeaderBytes = 30;

/** Up to this size an entry is inflated in one synchronous call: about 0.3 ms, less than a stream costs to set up. */
const smallBytes = 128 * 1024;
const inflateChunkBytes = 256 * 1024;

/** The entry's bytes inside the archive, once its local header has been checked. */
export async function memberSource(archive: ArchiveSource, record: DirectoryRecord): Promise<ByteSource> {
  const { offset, limit, rawPath } = record;
  const header = Buffer.from(
    await readBytes(archive.ahead, offset, offset + localHeaderBytes + rawPath.length),
  );
  const name = shortened(record.path);
  if (header.readUInt32LE(0) !== localSignature)
    throw corruptZip(`The entry ${name} is not where it should be.`);
  const encrypted = (header.readUInt16LE(6) & 1) !== 0;
  const method = header.readUInt16LE(8);
  const sameName =
    header.readUInt16LE(26) === rawPath.length && header.subarray(localHeaderBytes).equals(rawPath);
  if (encrypted || method !== (record.deflated ? 8 : 0) || !sameName) {
    throw zipError(
      "zip.header_mismatch",
      `The entry ${name} is described in two ways, so programs disagree about what it is.`,
      "Pack the zip again.",
    );
  }
  const start = offset + header.length + header.readUInt16LE(28);
  const end = start + record.compressedSize;
  if (end > limit) {
    throw zipError("zip.overlap", `The entry ${name} overlaps the next one.`, "Pack the zip again.");
  }
  return partOf(record.compressedSize <= smallBytes ? archive.ahead : archive.source, start, end);
}

/** The content, inflated, with size and CRC-32 checked while it streams. */
export async function openMember(
  archive: ArchiveSource,
  record: DirectoryRecord,
): Promise<AsyncIterable<Uint8Array>> {
  const data = await memberSource(archive, record);
  if (!record.deflated) return verified(await data.read(0, data.size), record);
  if (record.compressedSize <= smallBytes && record.size <= smallBytes) {
    return verified(chunks([inflateSmall(await readBytes(data, 0, data.size), record)]), record);
  }
  return verified(inflate(await data.read(0, data.size), record), record);
}

function inflateSmall(data: Uint8Array, record: DirectoryRecord): Uint8Array {
  let result: { buffer: Buffer; engine: { bytesWritten: number } };
  try {
    // The types know only the plain answer; `info` adds the engine, which says how much input it used.
    result = inflateRawSync(data, {
      info: true,
      // One output buffer of the right size; zlib wants 64 bytes at least.
      chunkSize: Math.max(64, record.size),
      maxOutputLength: record.size + 1,
    }) as unknown as typeof result;
  } catch (error) {
    throw damaged(record, messageOf(error));
  }
  if (result.engine.bytesWritten !== data.length) throw damaged(record, "its data ends early");
  return result.buffer;
}

async function* inflate(
  data: AsyncIterable<Uint8Array>,
  record: DirectoryRecord,
): AsyncGenerator<Uint8Array> {
  const inflater = createInflateRaw({ chunkSize: inflateChunkBytes });
  const input = Readable.from(data, { objectMode: false });
  // Errors of the input reach whoever reads the inflater; leaving the loop early destroys both.
  pipeline(input, inflater, () => {});
  try {
    yield* inflater as AsyncIterable<Buffer>;
  } catch (error) {
    // Anything else is the source's own failure, which is not the archive's fault.
    if (/^(Z_|ERR_)/.test(String((error as { code?: unknown }).code)))
      throw damaged(record, messageOf(error));
    throw error;
  }
  if (inflater.bytesWritten !== record.compressedSize) throw damaged(record, "its data ends early");
}

async function* verified(
  content: AsyncIterable<Uint8Array>,
  record: DirectoryRecord,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  let crc = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > record.size) throw damaged(record, `it holds more than the ${record.size} bytes it claims`);
    crc = crc32(chunk, crc);
    yield chunk;
  }
  if (size !== record.size) throw damaged(record, `it holds ${size} of the ${record.size} bytes it claims`);
  if (crc !== record.crc32) throw damaged(record, "its checksum (CRC-32) is wrong");
}

function damaged(record: DirectoryRecord, how: string): InvalidInput {
  return corruptZip(`The entry ${shortened(record.path)} is damaged: ${how}.`);
}

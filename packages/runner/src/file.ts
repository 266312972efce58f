/** Reading files a hostile program may have made: never through a link, never anything but a regular file. */
import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { FileContent } from "./channel.ts";

/**
 * Opens a regular file for reading; undefined when there is nothing to read there or it is anything else. Without
 * O_NONBLOCK, opening a FIFO would wait for a writer for ever.
 */
export async function openRegular(path: string): Promise<{ file: FileHandle; size: number } | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (file === undefined) return undefined;
  const stat = await file.stat();
  if (stat.isFile()) return { file, size: stat.size };
  await file.close();
  return undefined;
}

/** At most `maxBytes` from the end of a regular file, as text; empty when there is none. */
export async function readTail(path: string, maxBytes: number): Promise<string> {
  const opened = await openRegular(path);
  if (opened === undefined) return "";
  try {
    const length = Math.min(opened.size, maxBytes);
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await opened.file.read(buffer, 0, length, opened.size - length);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await opened.file.close();
  }
}

const chunkBytes = 256 * 1024;

/** The bytes [start, end) of an open file; several ranges may be read at once. Ends early where the file does. */
export async function* rangeOf(file: FileHandle, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let position = start; position < end;) {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - position));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

/** Streams `size` bytes of an open file and closes it. */
export async function* contentOf(file: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  try {
    yield* rangeOf(file, 0, size);
  } finally {
    await file.close();
  }
}

/**
 * Streams a file of ours, which is opened when its first bytes are asked for. A stream that opens its file at once fails
 * in nobody's hands, and ends the process, when the file goes before anybody has read from it.
 * @param range bytes [start, end); by default all
 */
export async function* contentAt(
  path: string,
  range: { start: number; end: number } = { start: 0, end: Number.POSITIVE_INFINITY },
): AsyncGenerator<Uint8Array> {
  const { start, end } = range;
  yield* createReadStream(path, { start, end: end - 1, highWaterMark: chunkBytes }) as AsyncIterable<Buffer>;
}

/** Writes a stream to a new file, and measures it. Fails when something is there already, be it a link. */
export async function writeNew(
  path: string,
  content: AsyncIterable<Uint8Array>,
  mode = 0o644,
): Promise<FileContent> {
  const hash = createHash("sha256");
  let size = 0;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const file = await open(path, flags, mode);
  try {
    for await (const chunk of content) {
      hash.update(chunk);
      size += chunk.length;
      await writeAll(file, chunk);
    }
  } finally {
    await file.close();
  }
  return { path, size, sha256: hash.digest("hex") };
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length;) {
    written += (await file.write(chunk, written)).bytesWritten;
  }
}

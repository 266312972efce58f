import { mkdir, open, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, PlatformFault } from "@benchgen/core/error.ts";
import { ContentCheck } from "@benchgen/core/port/content.ts";
import type { ExpectedContent } from "@benchgen/core/port/content.ts";
import type { Bytes } from "@benchgen/core/ports.ts";

const readChunkBytes = 256 * 1024;

/**
 * Writes a new file and syncs it to the disk: all of it, or none, with nothing left behind.
 * @returns its size in bytes
 * @throws InvalidInput `size_mismatch`, `checksum_mismatch`; PlatformFault `disk_full`, `blob_unwritable`; whatever a stream throws
 */
export async function writeNewFile(path: string, content: Bytes, expected: ExpectedContent): Promise<number> {
  const source = content instanceof Uint8Array ? [content] : content;
  try {
    const file = await ofDisk(path, () => openNew(path));
    try {
      const size = await writeAll(file, path, source, expected);
      await ofDisk(path, () => file.sync());
      return size;
    } finally {
      await ofDisk(path, () => file.close());
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return open(path, "wx", 0o600);
  }
}

async function writeAll(
  file: FileHandle,
  path: string,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  expected: ExpectedContent,
): Promise<number> {
  const check = new ContentCheck(expected);
  for await (const chunk of source) {
    check.take(chunk);
    await ofDisk(path, () => file.writeFile(chunk));
  }
  check.finish();
  return check.size;
}

/** Bytes [start, end) of an open file, which is closed at the end, on an error, and when the reader stops early. */
export class FileRange implements AsyncIterableIterator<Uint8Array> {
  readonly #file: FileHandle;
  readonly #end: number;
  #position: number;

  constructor(file: FileHandle, start: number, end: number) {
    this.#file = file;
    this.#position = start;
    this.#end = end;
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    const length = Math.min(readChunkBytes, this.#end - this.#position);
    if (length <= 0) return this.return();
    try {
      const { bytesRead, buffer } = await this.#file.read(Buffer.alloc(length), 0, length, this.#position);
      if (bytesRead === 0)
        throw new PlatformFault("blob_damaged", "A blob's file is shorter than its record.");
      this.#position += bytesRead;
      return { done: false, value: buffer.subarray(0, bytesRead) };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  // A generator would not do: one that is stopped before its first step never runs its `finally`.
  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#position = this.#end;
    await this.#file.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Runs one operation on the disk; its failure is the platform's. */
async function ofDisk<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
      throw new PlatformFault("disk_full", `The disk is full: cannot write ${path}.`, {
        hint: "Free some space; nothing was changed.",
        cause: error,
      });
    }
    throw new PlatformFault("blob_unwritable", `Cannot write ${path}: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

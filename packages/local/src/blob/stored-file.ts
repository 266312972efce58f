/** The files that keys name. Whoever works with one may find it replaced or deleted by then. */
import { copyFile, link, mkdir, open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { PlatformFault } from "@benchgen/core/error.ts";
import { assertBlobKey } from "@benchgen/core/port/blob.ts";
import type { BlobHead } from "@benchgen/core/ports.ts";
import type { BlobIndex, StoredBlob } from "./blob-index.ts";

/** A reader may meet a blob that is replaced again and again; more often than this is no coincidence. */
const openAttempts = 10;

/** What is known of a file once it is written. */
export type Content = Pick<BlobHead, "size" | "sha256" | "contentType">;

/** The blob with its file, opened; undefined when there is none. @throws PlatformFault `blob_damaged` */
export async function openBlob(
  index: BlobIndex,
  key: string,
): Promise<{ blob: StoredBlob; handle: FileHandle } | undefined> {
  return withFile(index, key, async (path, blob) => ({ blob, handle: await open(path) }));
}

/** What `use` makes of the file that the key names now; undefined when it names none. */
async function withFile<T>(
  index: BlobIndex,
  key: string,
  use: (path: string, blob: StoredBlob) => Promise<T>,
): Promise<T | undefined> {
  assertBlobKey(key);
  for (let attempt = 0; attempt < openAttempts; attempt++) {
    const blob = index.find(key);
    if (blob === undefined) return undefined;
    try {
      return await use(index.pathOf(blob.file), blob);
    } catch (error) {
      // Replaced or deleted between looking and opening: look again.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  throw new PlatformFault("blob_damaged", `The file of the blob ${key} is missing.`);
}

/**
 * Makes a file with the content of a blob: by a hard link where the file system has them, since files never change once
 * written.
 * @returns undefined when there is no such blob
 */
export async function duplicateBlob(
  index: BlobIndex,
  key: string,
  path: string,
): Promise<Content | undefined> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return withFile(index, key, async (source, { size, sha256, contentType }) => {
    await link(source, path).catch(() => copyFile(source, path));
    return { size, sha256, contentType };
  });
}

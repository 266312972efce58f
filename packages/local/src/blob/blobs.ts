import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, NotFound } from "@benchgen/core/error.ts";
import { assertBlobKey, assertBlobRange, assertBlobSize } from "@benchgen/core/port/blob.ts";
import type { CursorCodec } from "@benchgen/core/port/cursor.ts";
import { pageLimit } from "@benchgen/core/port/range.ts";
import type { BlobHead, Blobs, Bytes, Clock } from "@benchgen/core/ports.ts";
import type { Database } from "../database.ts";
import type { Owner } from "../owner.ts";
import { BlobIndex } from "./blob-index.ts";
import type { StoredBlob } from "./blob-index.ts";
import { FileRange, writeNewFile } from "./file.ts";
import { createBlobHandler } from "./handler.ts";
import type { BlobHandler } from "./handler.ts";
import { PartStore } from "./part-store.ts";
import { createPartUploads, oldestParts } from "./part-upload.ts";
import { signedPath } from "./signed-url.ts";
import type { SignPut } from "./signed-url.ts";
import { type Content, duplicateBlob, openBlob } from "./stored-file.ts";

/** How long uploads that are being taken up are waited for when the process ends. */
const closeGraceMs = 5000;

export interface BlobsOptions {
  readonly database: Database;
  /** The data directory. */
  readonly dir: string;
  readonly owner: Owner;
  readonly cursors: CursorCodec;
  readonly clock: Clock;
  /** What URLs are signed with. */
  readonly secret: Uint8Array;
  /** `http://127.0.0.1:8080`, asked for when a URL is signed: the port may be known only then. */
  readonly baseUrl: () => string;
  /** An upload by a signed URL is stored. Called at least once for each, also after a crash. */
  readonly onCreated?: (key: string) => Promise<void> | void;
  /** Told of failures nobody waits for. */
  readonly warn: (message: string) => void;
}

/** A server mounts `acceptUpload` at PUT, `serveDownload` at GET `/blobs/*`. */
export interface LocalBlobs extends Blobs, BlobHandler {
  /** Removes what processes left that were killed, and uploads in parts that nobody ended. */
  cleanUp(): Promise<void>;
  /** Cleans up, and announces the uploads that killed processes had stored. Once, after opening. */
  resume(): Promise<void>;
  /** Waits a few seconds for uploads that are being taken up; the next process begins again with what takes longer. */
  close(): Promise<void>;
}

/** Blobs as files, each written once under a name of its own; which key names which file is in SQLite. */
export function createBlobs(options: BlobsOptions): LocalBlobs {
  const { cursors, clock, secret } = options;
  const index = new BlobIndex({ ...options, owner: options.owner.id });
  const parts = new PartStore(options);

  const isAlive = (owner: string): boolean => options.owner.isAlive(owner);
  /** Announcements under way. */
  const takenUp = new Set<Promise<void>>();

  const cleanUp = async (): Promise<void> => {
    index.cleanUp(isAlive);
    await parts.removeStartedBefore(oldestParts(clock));
  };

  const announce = async (key: string): Promise<void> => {
    try {
      await options.onCreated?.(key);
      index.announced(key);
    } catch (error) {
      options.warn(`Could not take up the uploaded blob ${key}: ${messageOf(error)}`);
    }
  };

  /** Stores what `write` puts into a new file. */
  const store = async (
    key: string,
    write: (path: string) => Promise<Content>,
    how: { ifAbsent: boolean; announce: boolean },
  ): Promise<boolean> => {
    const file = randomBytes(16).toString("hex");
    index.begin(file);
    let kept = false;
    try {
      const head = await write(index.pathOf(file));
      kept = index.commit({ ...head, key, file, modifiedAt: clock.now().toISOString() }, how);
      return kept;
    } finally {
      if (!kept) index.discard(file);
    }
  };

  const put = async (
    key: string,
    content: Bytes,
    expected: { sha256?: string; size?: number; contentType?: string; ifAbsent?: boolean } = {},
    announcing = false,
  ): Promise<boolean> => {
    assertBlobKey(key);
    const { size, contentType, ifAbsent = false } = expected;
    const sha256 = expected.sha256?.toLowerCase();
    if (ifAbsent && index.find(key) !== undefined) return false;
    const write = async (path: string): Promise<Content> => ({
      size: await writeNewFile(path, content, { size, sha256 }),
      sha256,
      contentType,
    });
    return store(key, write, { ifAbsent, announce: announcing });
  };

  const sign: SignPut = ({ expiresInSeconds, ...grant }) => {
    const expires = Math.floor(clock.now().getTime() / 1000 + expiresInSeconds);
    return {
      method: "PUT",
      url: options.baseUrl() + signedPath(secret, { method: "PUT", ...grant, expires }),
      headers: {
        "content-length": String(grant.size),
        "x-benchgen-sha256": grant.sha256,
        ...(grant.contentType === undefined ? {} : { "content-type": grant.contentType }),
      },
      expiresAt: new Date(expires * 1000).toISOString(),
    };
  };

  const storeUpload = async (
    key: string,
    content: Bytes,
    expected: { sha256?: string; size: number; contentType?: string },
  ): Promise<void> => {
    await put(key, content, expected, true);
    // Not waited for: the upload is done, whatever becomes of it.
    const announced = announce(key).finally(() => takenUp.delete(announced));
    takenUp.add(announced);
  };

  const blobs: Blobs = {
    put: (key, content, expected) => put(key, content, expected),

    async get(key, { maxBytes } = {}) {
      const found = await openBlob(index, key);
      if (found === undefined) return undefined;
      try {
        assertBlobSize(key, found.blob.size, maxBytes);
        return await found.handle.readFile();
      } finally {
        await found.handle.close();
      }
    },

    async stream(key, { start = 0, end = Number.POSITIVE_INFINITY } = {}) {
      assertBlobRange(start, end);
      const found = await openBlob(index, key);
      if (found === undefined) throw new NotFound("blob", key);
      return new FileRange(found.handle, start, Math.min(end, found.blob.size));
    },

    async head(key) {
      assertBlobKey(key);
      const blob = index.find(key);
      return blob === undefined ? undefined : headOf(blob);
    },

    async copy(from, to) {
      assertBlobKey(to);
      assertBlobKey(from);
      const write = async (path: string): Promise<Content> => {
        const copied = await duplicateBlob(index, from, path);
        if (copied === undefined) throw new NotFound("blob", from);
        return copied;
      };
      await store(to, write, { ifAbsent: false, announce: false });
    },

    async delete(key) {
      assertBlobKey(key);
      index.remove(key);
    },

    async list(prefix, { cursor, limit } = {}) {
      const count = pageLimit(limit);
      const scope = JSON.stringify(["blobs", prefix]);
      const [after] = cursor === undefined ? [] : cursors.decode(scope, cursor);
      const found = index.list(prefix, after, count + 1);
      const items = found.slice(0, count).map(headOf);
      const last = items.at(-1);
      return found.length > count && last !== undefined
        ? { items, cursor: cursors.encode(scope, [last.key]) }
        : { items };
    },

    async signUpload(upload) {
      assertBlobKey(upload.key);
      return sign(upload);
    },

    async signDownload(key, { expiresInSeconds, filename }) {
      assertBlobKey(key);
      const expires = Math.floor(clock.now().getTime() / 1000 + expiresInSeconds);
      return options.baseUrl() + signedPath(secret, { method: "GET", key, filename, expires });
    },

    ...createPartUploads({ parts, clock, sign, store: storeUpload }),
  };

  return {
    ...blobs,
    ...createBlobHandler({
      blobs,
      secret,
      clock,
      accept: ({ key, part, ...grant }, content) =>
        part === undefined
          ? storeUpload(key, content, grant)
          : parts.accept({ key, id: part.upload }, part.number, content, grant),
    }),
    cleanUp,
    async resume() {
      await cleanUp();
      // Without anyone to tell, they wait for a process that has.
      if (options.onCreated === undefined) return;
      for (const key of index.takeOver(isAlive)) await announce(key);
    },
    async close() {
      const settled = new AbortController();
      void Promise.all(takenUp).then(() => settled.abort());
      await sleep(closeGraceMs, undefined, { signal: settled.signal }).catch(() => undefined);
    },
  };
}

function headOf({ file: _file, ...head }: StoredBlob): BlobHead {
  return head;
}

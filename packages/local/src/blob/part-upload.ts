import { InvalidInput } from "@benchgen/core/error.ts";
import { assertBlobKey, assertPartNumber, assertParts } from "@benchgen/core/port/blob.ts";
import { type PartUploads, partUploadLifeDays } from "@benchgen/core/port/part-upload.ts";
import type { Bytes, Clock } from "@benchgen/core/ports.ts";
import type { PartStore } from "./part-store.ts";
import type { SignPut } from "./signed-url.ts";

/** When those uploads in parts were begun, at the latest, that are to be removed now. */
export function oldestParts(clock: Clock): string {
  return new Date(clock.now().getTime() - partUploadLifeDays * 86_400_000).toISOString();
}

/** Uploads in parts as files, copied together once all have come. */
export function createPartUploads(options: {
  readonly parts: PartStore;
  readonly clock: Clock;
  readonly sign: SignPut;
  /** Stores the whole, and announces it. */
  readonly store: (
    key: string,
    content: Bytes,
    head: { size: number; contentType?: string },
  ) => Promise<void>;
}): PartUploads {
  const { parts, clock, sign, store } = options;
  return {
    async startParts(key, { contentType } = {}) {
      assertBlobKey(key);
      await parts.removeStartedBefore(oldestParts(clock));
      return parts.start(key, contentType, clock.now().toISOString());
    },

    async signPart({ key, id }, { number, ...content }) {
      assertBlobKey(key);
      assertPartNumber(number);
      return sign({ key, part: { upload: id, number }, ...content });
    },

    async listParts(upload) {
      assertBlobKey(upload.key);
      return parts.list(upload);
    },

    async completeParts(upload, listed) {
      assertBlobKey(upload.key);
      assertParts(listed);
      const head = parts.find(upload);
      const tags = new Map(parts.list(upload).map(({ number, tag }) => [number, tag]));
      const other = listed.find(({ number, tag }) => tags.get(number) !== tag);
      if (other !== undefined) {
        throw new InvalidInput("parts_invalid", `Part ${other.number} is not there as it was listed.`);
      }
      const size = listed.reduce((sum, part) => sum + part.size, 0);
      await store(upload.key, parts.read(upload, listed), { ...head, size });
      await parts.remove(upload.id);
    },

    async abortParts(upload) {
      assertBlobKey(upload.key);
      await parts.remove(upload.id);
    },
  };
}

import { createHash, randomBytes, randomUUID } from "node:crypto";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyParts } from "@benchgen/aws/blob/multipart.ts";
import type { Blobs } from "@benchgen/core/ports.ts";

interface Store {
  readonly blobs: Blobs;
  readonly client: S3Client;
  readonly bucket: string;
  close(): Promise<void>;
}

/** What S3 adds to the contract of blobs: those too large for one request. */
export function largeBlobFacts(name: string, open: () => Promise<Store>): void {
  describe(`Large blobs: ${name}`, () => {
    const content = randomBytes(20 * 1024 * 1024 + 5);
    const sha256 = createHash("sha256").update(content).digest("hex");
    let store: Store;
    beforeAll(async () => {
      store = await open();
    });
    afterAll(async () => {
      await store.close();
    });

    async function* stream(breakAt = Number.POSITIVE_INFINITY): AsyncGenerator<Uint8Array> {
      const step = 1_000_000;
      for (let start = 0; start < content.length; start += step) {
        if (start >= breakAt) throw new Error("the stream broke");
        yield content.subarray(start, start + step);
      }
    }
    const unfinished = async (): Promise<number> => {
      const { Uploads = [] } = await store.client.send(
        new ListMultipartUploadsCommand({ Bucket: store.bucket }),
      );
      return Uploads.length;
    };
    const stored = async (key: string): Promise<boolean> => content.equals((await store.blobs.get(key))!);

    it("are stored from a stream in parts, and keep their hash", async () => {
      const key = randomUUID();
      expect(await store.blobs.put(key, stream(), { sha256, size: content.length })).toBe(true);
      expect(await stored(key)).toBe(true);
      expect(await store.blobs.head(key)).toMatchObject({ size: content.length, sha256 });
      expect(await store.blobs.put(key, stream(), { ifAbsent: true })).toBe(false);
    });

    it("leave neither a blob nor parts when the stream breaks or the content is another", async () => {
      const key = randomUUID();
      await expect(store.blobs.put(key, stream(12_000_000))).rejects.toThrow("the stream broke");
      const other = sha256.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
      await expect(store.blobs.put(key, stream(), { sha256: other })).rejects.toMatchObject({
        code: "checksum_mismatch",
      });
      expect(await store.blobs.head(key)).toBeUndefined();
      expect(await unfinished()).toBe(0);
    });

    it("are copied in parts", async () => {
      const [from, to] = [`${randomUUID()}/ü &`, randomUUID()];
      await store.blobs.put(from, content);
      const path = [store.bucket, ...from.split("/")].map(encodeURIComponent).join("/");
      const source = { path, size: content.length, etag: undefined };
      await copyParts(store.client, { Bucket: store.bucket, Key: to }, source, 8 * 1024 * 1024);
      expect(await stored(to)).toBe(true);
    });
  });
}

import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import type { GetObjectCommandOutput, HeadObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import { NotFound } from "@benchgen/core/error.ts";
import { assertBlobKey, assertBlobRange, assertBlobSize } from "@benchgen/core/port/blob.ts";
import type { CursorCodec } from "@benchgen/core/port/cursor.ts";
import { pageLimit } from "@benchgen/core/port/range.ts";
import type { BlobHead, Blobs, Clock } from "@benchgen/core/ports.ts";
import { calling, isError } from "../fault.ts";
import { hexOf } from "./checksum.ts";
import { copyParts } from "./multipart.ts";
import { createPartUploads } from "./part-upload.ts";
import { copyPartBytes, maxCopyBytes } from "./part.ts";
import { putObject } from "./put.ts";
import { signDownload, signUpload } from "./sign.ts";

const service = "S3";
/** Under which an object remembers its hash: S3 keeps none of the whole for what came in parts. */
const hashMetadata = "sha256";

export interface BlobsOptions {
  readonly client: S3Client;
  readonly bucket: string;
  readonly cursors: CursorCodec;
  readonly clock: Clock;
}

/** Blobs as objects of one bucket. */
export function createBlobs({ client, bucket, cursors, clock }: BlobsOptions): Blobs {
  const headObject = async (key: string): Promise<HeadObjectCommandOutput | undefined> => {
    assertBlobKey(key);
    const request = new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: "ENABLED" });
    return calling(service, () => unlessMissing(() => client.send(request)));
  };

  const getObject = (key: string, range?: string): Promise<GetObjectCommandOutput | undefined> => {
    const request = new GetObjectCommand({ Bucket: bucket, Key: key, Range: range });
    return unlessMissing(() => client.send(request));
  };

  /** `empty` when the object ends before the range begins: S3 calls that an error. */
  const openRange = async (
    key: string,
    start: number,
    end: number,
  ): Promise<GetObjectCommandOutput | "empty" | undefined> => {
    if (start === 0 && end === Number.POSITIVE_INFINITY) return getObject(key);
    try {
      return await getObject(key, `bytes=${start}-${Number.isFinite(end) ? end - 1 : ""}`);
    } catch (error) {
      if (isError(error, "InvalidRange")) return "empty";
      throw error;
    }
  };

  return {
    async put(key, content, { contentType, ifAbsent = false, size, sha256 } = {}) {
      assertBlobKey(key);
      const hash = sha256?.toLowerCase();
      const head = {
        Bucket: bucket,
        Key: key,
        ContentType: contentType,
        ...(hash === undefined ? {} : { Metadata: { [hashMetadata]: hash } }),
      };
      const expected = {
        ...(size === undefined ? {} : { size }),
        ...(hash === undefined ? {} : { sha256: hash }),
      };
      return putObject(client, head, content, { ...expected, ifAbsent });
    },

    async get(key, { maxBytes } = {}) {
      assertBlobKey(key);
      return calling(service, async () => {
        const found = await getObject(key);
        if (found === undefined) return undefined;
        if ((found.ContentLength ?? 0) > (maxBytes ?? Number.POSITIVE_INFINITY)) bodyOf(found).destroy();
        assertBlobSize(key, found.ContentLength ?? 0, maxBytes);
        return Buffer.concat(await Array.fromAsync(bodyOf(found)));
      });
    },

    async stream(key, { start = 0, end = Number.POSITIVE_INFINITY } = {}) {
      assertBlobKey(key);
      assertBlobRange(start, end);
      return calling(service, async () => {
        const found = end === start ? await headObject(key) : await openRange(key, start, end);
        if (found === undefined) throw new NotFound("blob", key);
        return found === "empty" || !("Body" in found) ? Readable.from([]) : bodyOf(found);
      });
    },

    async head(key) {
      const found = await headObject(key);
      return found === undefined ? undefined : headOf(key, found);
    },

    async copy(from, to) {
      assertBlobKey(to);
      const source = await headObject(from);
      if (source === undefined) throw new NotFound("blob", from);
      const path = [bucket, ...from.split("/")].map(encodeURIComponent).join("/");
      const size = source.ContentLength ?? 0;
      await calling(service, async () => {
        if (size <= maxCopyBytes) {
          const copy = { Bucket: bucket, Key: to, CopySource: path };
          // Of the whole, also where the source has only those of its parts.
          await client.send(new CopyObjectCommand({ ...copy, ChecksumAlgorithm: "SHA256" }));
        } else {
          const { ContentType, Metadata = {}, ETag: etag } = source;
          const head = { Bucket: bucket, Key: to, ContentType, Metadata };
          await copyParts(client, head, { path, size, etag }, copyPartBytes);
        }
      });
    },

    async delete(key) {
      assertBlobKey(key);
      await calling(service, () => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })));
    },

    async list(prefix, { cursor, limit } = {}) {
      const scope = JSON.stringify(["blobs", prefix]);
      const [after] = cursor === undefined ? [] : cursors.decode(scope, cursor);
      const request = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        StartAfter: after,
        MaxKeys: pageLimit(limit),
      });
      const { Contents = [], IsTruncated } = await calling(service, () => client.send(request));
      const items = Contents.map(({ Key = "", Size = 0, LastModified }) => {
        return { key: Key, size: Size, modifiedAt: isoOf(LastModified) };
      });
      const last = items.at(-1);
      return IsTruncated === true && last !== undefined
        ? { items, cursor: cursors.encode(scope, [last.key]) }
        : { items };
    },

    async signUpload(upload) {
      assertBlobKey(upload.key);
      return signUpload(client, bucket, clock, upload);
    },

    async signDownload(key, options) {
      assertBlobKey(key);
      return signDownload(client, bucket, clock, { key, ...options });
    },

    ...createPartUploads({ client, bucket, clock }),
  };
}

/** Undefined when there is no such object. */
async function unlessMissing<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isError(error, "NotFound", "NoSuchKey")) return undefined;
    throw error;
  }
}

function headOf(key: string, found: HeadObjectCommandOutput): BlobHead {
  const sha256 = found.Metadata?.[hashMetadata] ?? hexOf(found.ChecksumSHA256);
  return {
    key,
    size: found.ContentLength ?? 0,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(found.ContentType === undefined ? {} : { contentType: found.ContentType }),
    modifiedAt: isoOf(found.LastModified),
  };
}

function isoOf(date: Date | undefined): string {
  return (date ?? new Date(0)).toISOString();
}

/** In Node.js the body is a stream of Node's. */
function bodyOf({ Body }: GetObjectCommandOutput): Readable {
  return Body as Readable;
}

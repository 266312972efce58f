import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
} from "@aws-sdk/client-s3";
import type { ListPartsCommandOutput, S3Client } from "@aws-sdk/client-s3";
import { InvalidInput, NotFound, PlatformFault, messageOf } from "@benchgen/core/error.ts";
import { assertBlobKey, assertPartNumber, assertParts } from "@benchgen/core/port/blob.ts";
import type { PartUploads } from "@benchgen/core/port/part-upload.ts";
import type { Clock, PartUpload, StoredPart } from "@benchgen/core/ports.ts";
import { calling, isError } from "../fault.ts";
import { base64Of, hexOf } from "./checksum.ts";
import { signPart } from "./sign.ts";

/**
 * Uploads in parts as S3's multipart uploads. A lifecycle rule of the bucket (`AbortIncompleteMultipartUpload`, after
 * `partUploadLifeDays`) removes those that nobody ends.
 */
export function createPartUploads(options: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly clock: Clock;
}): PartUploads {
  const { client, bucket, clock } = options;
  const named = ({ key, id }: PartUpload) => {
    assertBlobKey(key);
    return { Bucket: bucket, Key: key, UploadId: id };
  };

  return {
    async startParts(key, { contentType } = {}) {
      assertBlobKey(key);
      const request = new CreateMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        ContentType: contentType,
        // Without it S3 would keep no SHA-256 of a part to list.
        ChecksumAlgorithm: "SHA256",
      });
      const { UploadId: id } = await calling("S3", () => client.send(request));
      if (id === undefined) throw new PlatformFault("aws_failed", "S3 began an upload without naming it.");
      return { key, id };
    },

    async signPart(upload, part) {
      assertBlobKey(upload.key);
      assertPartNumber(part.number);
      return signPart(client, bucket, clock, { ...upload, ...part });
    },

    async listParts(upload) {
      const parts: StoredPart[] = [];
      let after: string | undefined;
      do {
        const request = new ListPartsCommand({ ...named(upload), PartNumberMarker: after });
        const page = await ofUpload(upload, () => client.send(request));
        parts.push(...(page.Parts ?? []).map(storedPart));
        after = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
      } while (after !== undefined);
      return parts;
    },

    async completeParts(upload, parts) {
      assertParts(parts);
      const Parts = parts.map(({ number, tag, sha256 }) => ({
        PartNumber: number,
        ETag: tag,
        ...(sha256 === undefined ? {} : { ChecksumSHA256: base64Of(sha256) }),
      }));
      const request = new CompleteMultipartUploadCommand({ ...named(upload), MultipartUpload: { Parts } });
      await ofUpload(upload, () => client.send(request));
    },

    async abortParts(upload) {
      const request = new AbortMultipartUploadCommand(named(upload));
      await calling("S3", async () => {
        try {
          await client.send(request);
        } catch (error) {
          if (!isError(error, "NoSuchUpload")) throw error;
        }
      });
    },
  };
}

/** One call about an upload, with what S3 says against it in the domain's words. */
async function ofUpload<T>({ key }: PartUpload, call: () => Promise<T>): Promise<T> {
  return calling("S3", async () => {
    try {
      return await call();
    } catch (error) {
      if (isError(error, "NoSuchUpload")) throw new NotFound("upload in parts", key);
      if (isError(error, "InvalidPart", "InvalidPartOrder", "EntityTooSmall")) {
        throw new InvalidInput("parts_invalid", `The parts cannot be put together: ${messageOf(error)}`);
      }
      throw error;
    }
  });
}

type ListedPart = NonNullable<ListPartsCommandOutput["Parts"]>[number];

function storedPart({ PartNumber = 0, Size = 0, ETag = "", ChecksumSHA256 }: ListedPart): StoredPart {
  const sha256 = hexOf(ChecksumSHA256);
  return { number: PartNumber, size: Size, tag: ETag, ...(sha256 === undefined ? {} : { sha256 }) };
}

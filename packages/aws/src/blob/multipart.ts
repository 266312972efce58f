import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { CompletedPart, S3Client } from "@aws-sdk/client-s3";
import { forEachLimited } from "@benchgen/core/concurrency.ts";

/** What an object is created with, in one request or in parts. */
export interface ObjectHead {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType?: string | undefined;
  readonly Metadata?: Record<string, string>;
}

/** No byte of a copy passes here, and S3 copies parts of one object side by side. */
const copiesAtOnce = 8;

interface Upload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

/**
 * Puts an object together from parts: whole, or, when `send` throws, not at all, with no part left behind to be paid for.
 * @param send sends the parts, numbered from 1
 * @param ifNoneMatch `*`: only when there is no such object yet
 */
async function assemble(
  client: S3Client,
  head: ObjectHead,
  send: (upload: Upload) => Promise<CompletedPart[]>,
  ifNoneMatch?: "*",
): Promise<void> {
  const { Bucket, Key } = head;
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(head));
  const upload = { Bucket, Key, UploadId };
  try {
    const Parts = await send(upload);
    const whole = { ...upload, MultipartUpload: { Parts }, IfNoneMatch: ifNoneMatch };
    await client.send(new CompleteMultipartUploadCommand(whole));
  } catch (error) {
    // The error that matters is the first; what this leaves, the bucket's lifecycle removes.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

/** Uploads pieces one after the other: memory holds one or two, however large the whole. */
export async function uploadParts(
  client: S3Client,
  head: ObjectHead,
  parts: AsyncIterable<Uint8Array>,
  ifNoneMatch?: "*",
): Promise<void> {
  const send = async (upload: Upload): Promise<CompletedPart[]> => {
    const sent: CompletedPart[] = [];
    for await (const Body of parts) {
      const PartNumber = sent.length + 1;
      const part = await client.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
      sent.push({ PartNumber, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 });
    }
    return sent;
  };
  await assemble(client, head, send, ifNoneMatch);
}

/** Copies an object too large for one request, inside S3. `source` as `CopySource` has it; sizes in bytes. */
export async function copyParts(
  client: S3Client,
  head: ObjectHead,
  source: { readonly path: string; readonly size: number; readonly etag: string | undefined },
  partSize: number,
): Promise<void> {
  const numbers = Array.from({ length: Math.ceil(source.size / partSize) }, (_, index) => index + 1);
  const send = async (upload: Upload): Promise<CompletedPart[]> => {
    const sent: CompletedPart[] = [];
    await forEachLimited(numbers, copiesAtOnce, async (PartNumber) => {
      const start = (PartNumber - 1) * partSize;
      const end = Math.min(start + partSize, source.size) - 1;
      const { CopyPartResult } = await client.send(
        new UploadPartCopyCommand({
          ...upload,
          PartNumber,
          CopySource: source.path,
          CopySourceRange: `bytes=${start}-${end}`,
          // All parts of one version, also when the source is replaced meanwhile.
          CopySourceIfMatch: source.etag,
        }),
      );
      const { ETag, ChecksumCRC32 } = CopyPartResult ?? {};
      sent[PartNumber - 1] = { PartNumber, ETag, ChecksumCRC32 };
    });
    return sent;
  };
  await assemble(client, head, send);
}

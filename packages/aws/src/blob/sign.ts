import { GetObjectCommand, PutObjectCommand, UploadPartCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { contentDisposition } from "@benchgen/core/port/download.ts";
import type { Blobs, Clock, PartUpload, SignedUpload } from "@benchgen/core/ports.ts";
import { base64Of } from "./checksum.ts";

/** A URL for one PUT. */
export async function signUpload(
  client: S3Client,
  bucket: string,
  clock: Clock,
  upload: Parameters<Blobs["signUpload"]>[0],
): Promise<SignedUpload> {
  const { key, size, sha256, contentType, expiresInSeconds } = upload;
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    ContentLength: size,
    ChecksumSHA256: base64Of(sha256),
    ContentType: contentType,
  });
  const headers = {
    ...contentHeaders(size, sha256),
    ...(contentType === undefined ? {} : { "content-type": contentType }),
  };
  return signPut(clock, { headers, expiresInSeconds }, (how) => getSignedUrl(client, command, how));
}

/** A URL for the PUT of one part. Which part, and of which upload, is in the signed query. */
export async function signPart(
  client: S3Client,
  bucket: string,
  clock: Clock,
  { key, id, number, size, sha256, expiresInSeconds }: PartUpload & Parameters<Blobs["signPart"]>[1],
): Promise<SignedUpload> {
  const command = new UploadPartCommand({
    Bucket: bucket,
    Key: key,
    UploadId: id,
    PartNumber: number,
    ContentLength: size,
    ChecksumSHA256: base64Of(sha256),
  });
  const put = { headers: contentHeaders(size, sha256), expiresInSeconds };
  return signPut(clock, put, (how) => getSignedUrl(client, command, how));
}

function contentHeaders(size: number, sha256: string): Record<string, string> {
  return { "content-length": String(size), "x-amz-checksum-sha256": base64Of(sha256) };
}

/**
 * Length, checksum and type are signed as headers, so S3 refuses a request that sends others, and checks the body
 * against them. The presigner would move the checksum into the query, where S3 checks nothing.
 */
async function signPut(
  clock: Clock,
  put: { readonly headers: Readonly<Record<string, string>>; readonly expiresInSeconds: number },
  presign: (how: Parameters<typeof getSignedUrl>[2]) => Promise<string>,
): Promise<SignedUpload> {
  const { headers, expiresInSeconds } = put;
  const signingDate = clock.now();
  const url = await presign({
    expiresIn: expiresInSeconds,
    signingDate,
    unhoistableHeaders: new Set(Object.keys(headers)),
    signableHeaders: new Set(["host", ...Object.keys(headers)]),
  });
  const expiresAt = new Date(signingDate.getTime() + expiresInSeconds * 1000).toISOString();
  return { method: "PUT", url, headers, expiresAt };
}

/** A URL for one GET. S3 serves it from its own origin: what a stranger uploaded never runs as a page of ours. */
export async function signDownload(
  client: S3Client,
  bucket: string,
  clock: Clock,
  download: {
    readonly key: string;
    readonly expiresInSeconds: number;
    readonly filename?: string | undefined;
  },
): Promise<string> {
  const { key, expiresInSeconds, filename } = download;
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    ResponseContentDisposition: filename === undefined ? undefined : contentDisposition(filename),
  });
  return getSignedUrl(client, command, { expiresIn: expiresInSeconds, signingDate: clock.now() });
}

import { InvalidInput } from "../error.ts";

/** S3's limit. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const maxKeyBytes = 1024;

/**
 * Keys never become file names here, but they do become URL paths, and in the cloud anything S3 takes:
 * segments between single slashes, none of them `.` or `..`, no backslash, no control character.
 * @throws InvalidInput `blob_key_invalid`
 */
export function assertBlobKey(key: string): void {
  const valid =
    key.isWellFormed() &&
    Buffer.byteLength(key) <= maxKeyBytes &&
    !/[\u0000-\u001f\u007f\\]/.test(key) &&
    key.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
  if (!valid) {
    throw new InvalidInput("blob_key_invalid", `${JSON.stringify(key.slice(0, 200))} cannot name a blob.`);
  }
}

/** @throws InvalidInput `range_invalid` unless 0 ≤ start ≤ end */
export function assertBlobRange(start: number, end: number): void {
  if (start >= 0 && end >= start) return;
  throw new InvalidInput("range_invalid", `There are no bytes ${start} to ${end}.`);
}

/** @throws InvalidInput `blob_too_large` */
export function assertBlobSize(key: string, size: number, maxBytes = Number.POSITIVE_INFINITY): void {
  if (size <= maxBytes) return;
  const message = `The blob ${key} has ${size} bytes; at most ${maxBytes} were wanted.`;
  throw new InvalidInput("blob_too_large", message);
}

import { InvalidInput } from "../error.ts";
import { type StoredPart, maxParts } from "./part-upload.ts";

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

/** @throws InvalidInput `range_invalid` unless both are whole numbers, 0 ≤ start ≤ end; `end` may be Infinity */
export function assertBlobRange(start: number, end: number): void {
  const whole = Number.isInteger(start) && (Number.isInteger(end) || end === Number.POSITIVE_INFINITY);
  if (whole && start >= 0 && end >= start) return;
  throw new InvalidInput("range_invalid", `There are no bytes ${start} to ${end}.`);
}

/** @throws InvalidInput `part_number_invalid` unless it is a whole number from 1 to 10,000 */
export function assertPartNumber(number: number): void {
  if (Number.isInteger(number) && number >= 1 && number <= maxParts) return;
  throw new InvalidInput(
    "part_number_invalid",
    `Parts are numbered from 1 to ${maxParts}; there is no ${number}.`,
  );
}

/** @throws InvalidInput `parts_invalid` when there is none, or they are not in order */
export function assertParts(parts: readonly StoredPart[]): void {
  const ordered = parts.every(({ number }, index) => number > (parts[index - 1]?.number ?? 0));
  if (parts.length > 0 && ordered) return;
  throw new InvalidInput("parts_invalid", "Parts are put together by number, each once, and at least one.");
}

/** @throws InvalidInput `blob_too_large` */
export function assertBlobSize(key: string, size: number, maxBytes = Number.POSITIVE_INFINITY): void {
  if (size <= maxBytes) return;
  const message = `The blob ${key} has ${size} bytes; at most ${maxBytes} were wanted.`;
  throw new InvalidInput("blob_too_large", message);
}

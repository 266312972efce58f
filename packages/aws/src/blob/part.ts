import { maxParts } from "@benchgen/core/port/part-upload.ts";

/** S3 takes parts of 5 MiB to 5 GiB, the last apart. */
const usualPartBytes = 8 * 1024 * 1024;
/** Rounded up to this: a part of 123 bytes more would be no better. */
const granuleBytes = 1024 * 1024;

/**
 * How large each part of an upload is.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 * @param size of the whole, bytes, where it is known; without it there is room for 80 GB
 */
export function partBytes(size = 0): number {
  const least = Math.ceil(size / maxParts);
  return Math.max(usualPartBytes, Math.ceil(least / granuleBytes) * granuleBytes);
}

/** S3 copies this much in one request, 5 GiB. */
export const maxCopyBytes = 5 * 1024 ** 3;
/** No byte passes here: few and large parts. */
export const copyPartBytes = 512 * 1024 ** 2;

/** The content in pieces of exactly that size, the last apart; one empty piece for no content. */
export async function* inParts(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  let any = false;
  for await (let chunk of content) {
    while (bytes + chunk.byteLength > size) {
      const room = size - bytes;
      yield Buffer.concat([...held, chunk.subarray(0, room)]);
      any = true;
      chunk = chunk.subarray(room);
      [held, bytes] = [[], 0];
    }
    held.push(chunk);
    bytes += chunk.byteLength;
  }
  if (bytes > 0 || !any) yield Buffer.concat(held);
}

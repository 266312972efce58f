/** A file of cases by slices: each is ready before it is answered, and small enough for whoever delivers it. */
import type { Clock } from "../ports.ts";
import type { FilePart, FilePlace } from "./format.ts";

export interface SliceLimits {
  /** A slice ends once it has so many bytes; the last record is whole. */
  readonly maxBytes: number;
  /** And after so much time, milliseconds: a filter may let few cases through. */
  readonly maxMs: number;
}

/** Where HTTP APIs end an answer after 30 s, and functions have little memory. */
export const defaultSliceLimits: SliceLimits = { maxBytes: 16 * 1024 * 1024, maxMs: 10_000 };

export interface Slice {
  readonly content: Uint8Array<ArrayBuffer>;
  /** Where the next one begins; absent of the last. */
  readonly next?: FilePlace;
}

/** The first slice of the parts: one of them at least, so that whoever asks again and again comes to the end. */
export async function sliceOf(
  parts: AsyncIterable<FilePart>,
  { maxBytes, maxMs }: SliceLimits,
  clock: Clock,
): Promise<Slice> {
  const end = clock.now().getTime() + maxMs;
  const texts: Uint8Array[] = [];
  let bytes = 0;
  let place: FilePlace | undefined;
  for await (const { text, next } of parts) {
    if (place !== undefined && (bytes >= maxBytes || clock.now().getTime() >= end)) {
      return { content: Buffer.concat(texts, bytes), next: place };
    }
    const encoded = Buffer.from(text);
    texts.push(encoded);
    bytes += encoded.length;
    place = next;
  }
  return { content: Buffer.concat(texts, bytes) };
}

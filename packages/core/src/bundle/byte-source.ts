/**
 * Anything bytes can be read from at an offset: a file, a blob, a signed URL, another archive's member. Zip reading
 * needs nothing more, so one reader serves them all.
 */
import type { Blobs } from "../ports.ts";
import { InvalidInput, NotFound } from "../error.ts";

export { urlSource } from "./url-source.ts";

export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /** The bytes [start, end), `end` exclusive. The stream errors when it cannot deliver all of them. */
  read(start: number, end: number): Promise<AsyncIterable<Uint8Array>>;
}

/** A source over bytes already in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (start, end) => Promise.resolve(chunks([bytes.subarray(start, end)])),
  };
}

/**
 * A source over a stored blob, on any adapter.
 * @throws NotFound when there is no such blob
 */
export async function blobSource(blobs: Pick<Blobs, "head" | "stream">, key: string): Promise<ByteSource> {
  const head = await blobs.head(key);
  if (head === undefined) throw new NotFound("blob", key);
  return { size: head.size, read: (start, end) => blobs.stream(key, { start, end }) };
}

/** The part [start, end) of another source. */
export function partOf(source: ByteSource, start: number, end: number): ByteSource {
  return { size: end - start, read: (from, to) => source.read(start + from, start + to) };
}

/**
 * Serves reads of up to a quarter of `windowBytes` from one window that moves along: ten thousand small members
 * read in order cost a request per window, not one each. Longer reads go straight to the source.
 */
export function readAhead(source: ByteSource, windowBytes = 1024 * 1024): ByteSource {
  let window: { start: number; end: number; bytes: Promise<Uint8Array> } | undefined;
  return {
    size: source.size,
    async read(start, end) {
      if (end - start > windowBytes / 4) return await source.read(start, end);
      if (window === undefined || start < window.start || end > window.end) {
        const windowEnd = Math.min(source.size, Math.max(end, start + windowBytes));
        window = { start, end: windowEnd, bytes: readBytes(source, start, windowEnd) };
      }
      const { start: windowStart, bytes } = window;
      return chunks([(await bytes).subarray(start - windowStart, end - windowStart)]);
    },
  };
}

/**
 * A source over content that can only be streamed from its beginning, such as a deflated member. Reading onward
 * continues the same stream; reading backward begins again, unless it lies within the last `keepBytes` that passed.
 * What is read in order is thus inflated once, in constant memory. One reader at a time.
 */
export function forwardSource(
  size: number,
  open: () => Promise<AsyncIterable<Uint8Array>>,
  keepBytes = 4 * 1024 * 1024,
): ByteSource {
  let stream: AsyncIterator<Uint8Array> | undefined;
  let kept: { start: number; bytes: Uint8Array }[] = [];
  let keptBytes = 0;
  let position = 0;

  async function rewind(): Promise<void> {
    await stream?.return?.();
    stream = (await open())[Symbol.asyncIterator]();
    [kept, keptBytes, position] = [[], 0, 0];
  }

  async function advance(): Promise<void> {
    const next = await stream!.next();
    if (next.done === true) throw endedEarly(position, size);
    kept.push({ start: position, bytes: next.value });
    keptBytes += next.value.length;
    position += next.value.length;
    while (kept.length > 1 && keptBytes - kept[0]!.bytes.length >= keepBytes) {
      keptBytes -= kept.shift()!.bytes.length;
    }
  }

  async function* range(start: number, end: number): AsyncGenerator<Uint8Array> {
    let at = start;
    while (at < end) {
      if (stream === undefined || at < (kept[0]?.start ?? 0)) await rewind();
      while (position <= at) await advance();
      const chunk = kept.findLast((candidate) => candidate.start <= at)!;
      const bytes = chunk.bytes.subarray(at - chunk.start, end - chunk.start);
      at += bytes.length;
      yield bytes;
    }
  }

  return { size, read: (start, end) => Promise.resolve(range(start, end)) };
}

/** The bytes [start, end) in memory: only for ranges whose length is known to be small. */
export async function readBytes(source: ByteSource, start: number, end: number): Promise<Uint8Array> {
  const bytes = await collect(await source.read(start, end), end - start);
  if (bytes.length !== end - start) throw endedEarly(start + bytes.length, source.size);
  return bytes;
}

/**
 * A whole stream in memory.
 * @throws InvalidInput `too_large` past `maxBytes`
 */
export async function collect(stream: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of stream) {
    length += part.length;
    if (length > maxBytes) throw new InvalidInput("too_large", `More than ${maxBytes} bytes.`);
    parts.push(part);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
}

/** What is in memory, as a stream. */
export async function* chunks(parts: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* parts;
}

function endedEarly(position: number, size: number): InvalidInput {
  return new InvalidInput("source_truncated", `The content ends at byte ${position} of ${size}.`, {
    hint: "The file changed or was cut short while it was read: send it again.",
  });
}

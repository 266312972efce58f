/** A stream of bytes as lines, in memory that does not grow with either. */

export interface ByteLine {
  /** From 1. */
  readonly number: number;
  /** Where it begins, in bytes. */
  readonly offset: number;
  /** Bytes, without the line end. */
  readonly length: number;
  /** Absent when there are more of them than are kept. */
  readonly bytes?: Uint8Array;
  /** Whether a line end follows: the last line of a program that was stopped may be torn. */
  readonly ended: boolean;
}

const lineFeed = 0x0a;

/**
 * Every line, the last one also without a line end; nothing follows a line end that is the last byte.
 * @param maxBytes of a line that are kept; a longer one is told of without its bytes
 */
export async function* splitLines(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<ByteLine> {
  let [number, offset, length] = [1, 0, 0];
  let parts: Uint8Array[] = [];
  const keep = (part: Uint8Array): void => {
    length += part.length;
    if (length > maxBytes) parts = [];
    else parts.push(part);
  };
  const line = (ended: boolean): ByteLine => {
    const facts = { number, offset, length, ended };
    if (length > maxBytes) return facts;
    return { ...facts, bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts, length) };
  };
  for await (const chunk of stream) {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, from)) {
      keep(chunk.subarray(from, end));
      yield line(true);
      [number, offset, length, parts] = [number + 1, offset + length + 1, 0, []];
      from = end + 1;
    }
    // A copy: who gives the chunk may use its memory again once it is asked for the next.
    if (from < chunk.length) keep(length > maxBytes ? chunk.subarray(from) : chunk.slice(from));
  }
  if (length > 0) yield line(false);
}

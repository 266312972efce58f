/** Server-sent events, split without changing a byte. Pure. */

/** An endpoint that sends a longer event is not understood. Bytes. */
const maxEventBytes = 8 * 1024 * 1024;

const lineFeed = 10;
const carriageReturn = 13;

/** Cuts a stream into events as they arrive: each with the blank line that ends it. Takes time that grows with the stream alone. */
export class SseSplitter {
  /** What is kept, and room for more: it doubles, so that many small chunks are not copied again with each. */
  #kept = Buffer.alloc(1024);
  #size = 0;

  /** Events that are complete with this chunk. @throws RangeError when one has no end */
  push(chunk: Uint8Array): Uint8Array[] {
    // An end may lie across two chunks: begin before it.
    let from = Math.max(0, this.#size - 3);
    this.#append(chunk);
    const bytes = this.#kept.subarray(0, this.#size);
    const events: Uint8Array[] = [];
    let start = 0;
    for (let end = endOfEvent(bytes, from); end !== -1; end = endOfEvent(bytes, from)) {
      events.push(Buffer.from(bytes.subarray(start, end)));
      start = from = end;
    }
    this.#size = bytes.copy(this.#kept, 0, start);
    if (this.#size > maxEventBytes) throw new RangeError("an event has no end");
    return events;
  }

  /** What came after the last complete event. */
  rest(): Uint8Array {
    return this.#kept.subarray(0, this.#size);
  }

  #append(chunk: Uint8Array): void {
    const size = this.#size + chunk.length;
    if (size > this.#kept.length) {
      const kept = Buffer.alloc(Math.max(size, 2 * this.#kept.length));
      this.#kept.copy(kept, 0, 0, this.#size);
      this.#kept = kept;
    }
    this.#kept.set(chunk, this.#size);
    this.#size = size;
  }
}

/** Behind the first two line ends in a row; -1 when there are none. A line ends with LF, CRLF or CR. */
function endOfEvent(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] !== lineFeed && bytes[at] !== carriageReturn) continue;
    const first = lineEnd(bytes, at);
    const second = lineEnd(bytes, first);
    if (second > first) return second;
  }
  return -1;
}

/** Behind the line end at that place; the place itself when there is none. */
function lineEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] === lineFeed) return at + 1;
  if (bytes[at] !== carriageReturn) return at;
  return bytes[at + 1] === lineFeed ? at + 2 : at + 1;
}

/** The data of an event: its `data` lines, joined. */
export function dataOf(event: Uint8Array): string {
  return new TextDecoder()
    .decode(event)
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(line[5] === " " ? 6 : 5))
    .join("\n");
}

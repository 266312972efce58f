/** Server-sent events, split without changing a byte. Pure. */

/** An endpoint that sends a longer event is not understood. Bytes. */
const maxEventBytes = 8 * 1024 * 1024;

const lineFeed = 10;
const carriageReturn = 13;

/** Cuts a stream into events as they arrive: each with the blank line that ends it. */
export class SseSplitter {
  #rest: Uint8Array = new Uint8Array();

  /** Events that are complete with this chunk. @throws RangeError when one has no end */
  push(chunk: Uint8Array): Uint8Array[] {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const events: Uint8Array[] = [];
    // An end may lie across two chunks: begin before it.
    let start = 0;
    for (
      let end = endOfEvent(bytes, start, this.#rest.length - 3);
      end !== -1;
      end = endOfEvent(bytes, start, start)
    ) {
      events.push(bytes.subarray(start, end));
      start = end;
    }
    this.#rest = bytes.subarray(start);
    if (this.#rest.length > maxEventBytes) throw new RangeError("an event has no end");
    return events;
  }

  /** What came after the last complete event. */
  rest(): Uint8Array {
    return this.#rest;
  }
}

/** Behind the first two line ends in a row; -1 when there are none. A line ends with LF, CRLF or CR. */
function endOfEvent(bytes: Uint8Array, start: number, from: number): number {
  for (let at = Math.max(start, from); at < bytes.length; at++) {
    const first = lineEnd(bytes, at);
    if (first === at) continue;
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

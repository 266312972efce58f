/**
 * Tells which parts of a file of cases cannot hold a text: for each block of about a quarter of a megabyte, one bit per
 * hash of three characters in a row that occur in it. A search reads these bits and then only the blocks that have all
 * of the text's: seldom one too many, never one too few.
 */

/** A block ends once it has this many bytes of `results.jsonl`. */
const blockBytes = 256 * 1024;
const gramBits = 15;
const bitmapBytes = 2 ** gramBits / 8;
/** Four offsets of 8 bytes. */
const headBytes = 32;
const blockEntryBytes = headBytes + bitmapBytes;

/** Where a block lies; offsets in bytes, ends exclusive. */
export interface CaseBlock {
  /** In the summaries. */
  readonly summaries: readonly [start: number, end: number];
  /** In `results.jsonl`. */
  readonly lines: readonly [start: number, end: number];
}

/** Takes cases in order; gives the index in pieces, in constant memory. */
export class WordIndexBuilder {
  #bits = new Uint8Array(bitmapBytes);
  #block: CaseBlock | undefined;

  /** @returns an entry when the case was the last of its block */
  add(text: string, place: CaseBlock): Uint8Array | undefined {
    for (const gram of gramsOf(text)) this.#bits[gram >> 3]! |= 1 << (gram & 7);
    const first = this.#block ?? place;
    this.#block = {
      summaries: [first.summaries[0], place.summaries[1]],
      lines: [first.lines[0], place.lines[1]],
    };
    return place.lines[1] - first.lines[0] >= blockBytes ? this.end() : undefined;
  }

  /** The entry of the block that is not full; undefined when it has no case. */
  end(): Uint8Array | undefined {
    if (this.#block === undefined) return undefined;
    const entry = Buffer.alloc(blockEntryBytes);
    const offsets = [...this.#block.summaries, ...this.#block.lines];
    for (const [position, offset] of offsets.entries()) entry.writeBigUInt64BE(BigInt(offset), position * 8);
    entry.set(this.#bits, headBytes);
    this.#bits = new Uint8Array(bitmapBytes);
    this.#block = undefined;
    return entry;
  }
}

/**
 * The blocks that may hold the text, in order.
 * @param text in lower case; with fewer than three characters every block may
 */
export function* blocksWith(index: Uint8Array, text: string): Generator<CaseBlock> {
  const bytes = Buffer.from(index.buffer, index.byteOffset, index.byteLength);
  const grams = [...new Set(gramsOf(text))];
  for (let at = 0; at + blockEntryBytes <= bytes.length; at += blockEntryBytes) {
    const bits = at + headBytes;
    if (!grams.every((gram) => bytes[bits + (gram >> 3)]! & (1 << (gram & 7)))) continue;
    const offset = (position: number) => Number(bytes.readBigUInt64BE(at + position * 8));
    yield { summaries: [offset(0), offset(1)], lines: [offset(2), offset(3)] };
  }
}

function* gramsOf(text: string): Generator<number> {
  for (let at = 0; at + 2 < text.length; at++) {
    const [a, b, c] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)];
    // Multiplicative hashing; the upper bits of the product are the mixed ones.
    yield Math.imul((a << 16) ^ (b << 8) ^ c ^ (a >> 8), 0x9e3779b1) >>> (32 - gramBits);
  }
}

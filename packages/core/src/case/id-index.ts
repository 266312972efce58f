/**
 * Finds a case by its id: a sorted list of hashes, each with the place of the case's summary. Hashes are spread evenly,
 * so where one must be can be told from its value: a look-up is one range of a few KB, however many cases there are.
 */
import { createHash } from "node:crypto";
import { type ByteSource, readBytes } from "../bundle/byte-source.ts";
import { Turn } from "../turn.ts";

/** Hash, then offset (6 bytes) and length (4 bytes) of the summary's line. */
const entryBytes = 18;
const hashBytes = 8;

export interface SummaryPlace {
  readonly offset: number;
  readonly length: number;
}

/** What is looked up: a hash of id and epoch. Equal ones are taken for the same case: 64 bits, by chance never met. */
export function caseHash(id: string, epoch: number): string {
  return createHash("sha256").update(`${epoch}\n${id}`).digest().toString("latin1", 0, hashBytes);
}

export async function buildIdIndex(places: ReadonlyMap<string, SummaryPlace>): Promise<Uint8Array> {
  const turn = new Turn();
  // Each character is one byte, so the order of strings is that of bytes. Those of each first byte are sorted alone:
  // hundreds of thousands at once would take a thread for half a second.
  const byFirst = Array.from({ length: 256 }, (): string[] => []);
  for (const hash of places.keys()) {
    if (turn.isOver) await turn.pass();
    byFirst[hash.charCodeAt(0)]!.push(hash);
  }
  const index = Buffer.alloc(places.size * entryBytes);
  let at = 0;
  for (const hashes of byFirst) {
    if (turn.isOver) await turn.pass();
    for (const hash of hashes.sort()) {
      const { offset, length } = places.get(hash)!;
      index.write(hash, at, "latin1");
      index.writeUIntBE(offset, at + hashBytes, 6);
      index.writeUInt32BE(length, at + hashBytes + 6);
      at += entryBytes;
    }
  }
  return index;
}

/** @returns undefined when no case has that id and epoch */
export async function lookUp(
  index: ByteSource,
  id: string,
  epoch: number,
): Promise<SummaryPlace | undefined> {
  const entries = index.size / entryBytes;
  const hash = Buffer.from(caseHash(id, epoch), "latin1");
  const expected = Math.floor((hash.readUIntBE(0, 6) / 2 ** 48) * entries);
  // Places deviate by about half the square root; six times that is never exceeded by chance.
  for (let reach = 16 + 3 * Math.ceil(Math.sqrt(entries)); ; reach *= 8) {
    const from = Math.max(0, expected - reach);
    const to = Math.min(entries, expected + reach);
    const bytes = Buffer.from(await readBytes(index, from * entryBytes, to * entryBytes));
    const found = findIn(bytes, hash);
    if (found !== undefined) return found;
    // Hashes on both sides of it, or the index's own ends: it is not there.
    const belowStart = from > 0 && hash.compare(bytes, 0, hashBytes) < 0;
    const aboveEnd = to < entries && hash.compare(bytes, bytes.length - entryBytes, bytes.length - 10) > 0;
    if (!belowStart && !aboveEnd) return undefined;
  }
}

function findIn(bytes: Buffer, hash: Buffer): SummaryPlace | undefined {
  let [low, high] = [0, bytes.length / entryBytes];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (hash.compare(bytes, middle * entryBytes, middle * entryBytes + hashBytes) > 0) low = middle + 1;
    else high = middle;
  }
  const at = low * entryBytes;
  if (at >= bytes.length || hash.compare(bytes, at, at + hashBytes) !== 0) return undefined;
  return { offset: bytes.readUIntBE(at + hashBytes, 6), length: bytes.readUInt32BE(at + hashBytes + 6) };
}

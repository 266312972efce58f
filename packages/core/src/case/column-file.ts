/**
 * The numbers of a task's cases by column: what a comparison reads of 200,000 cases in some 20 MB, where their summaries
 * are 100 MB of JSON. Written once, when the summaries are, in the same order.
 *
 * The file is a series of groups of rows, so that neither who writes nor who reads holds more than one. All numbers are
 * little-endian. A group is `bgc1`, the length of its head and of its body (4 bytes each), the head as JSON, and the
 * body: of each row a hash of the id (8 bytes), one of input and target (6), the length of its summary (4), one of the
 * cluster (8) if the head says so; then by number a bit for each row that has it, and 8 bytes for each of those.
 */

/** Rows of one group, with the position as the row's number. */
export interface CaseGroup {
  /** `caseHash` of the id, as of a first repeat: repeats of a case have the same. */
  readonly ids: readonly string[];
  /** Equal for equal input and target: 48 bits, so that one change of 281 million million goes unseen. */
  readonly contents: readonly number[];
  /** Of the summary, bytes. Summaries follow each other without a gap. */
  readonly lengths: readonly number[];
  /** A hash of 8 characters; absent when no row has a cluster. */
  readonly clusters?: readonly (string | undefined)[];
  /** By name: `passed` (1 or 0, undefined when not scored), `score`, `scores.NAME`, or a name of usage. */
  readonly numbers: ReadonlyMap<string, readonly (number | undefined)[]>;
}

interface GroupHead {
  readonly rows: number;
  readonly clusters: boolean;
  /** Each number with how many rows have it. */
  readonly numbers: readonly (readonly [name: string, count: number])[];
}

const magic = "bgc1";
const preludeBytes = 12;
const hashBytes = 8;
const contentBytes = 6;
/** Of a row that names no cluster. */
const noCluster = "\0".repeat(hashBytes);

/** A group as bytes. Pure. */
export function encodeGroup({ ids, contents, lengths, clusters, numbers }: CaseGroup): Uint8Array {
  const counted = [...numbers].map(([name, values]) => ({
    name,
    values,
    count: values.filter((value) => value !== undefined).length,
  }));
  const head: GroupHead = {
    rows: ids.length,
    clusters: clusters !== undefined,
    numbers: counted.map(({ name, count }) => [name, count]),
  };
  const headBytes = Buffer.from(JSON.stringify(head));
  const body = Buffer.alloc(bodyLength(head));
  let at = 0;
  for (const id of ids) at += body.write(id, at, "latin1");
  for (const content of contents) at = body.writeUIntLE(content, at, contentBytes);
  for (const length of lengths) at = body.writeUInt32LE(length, at);
  for (const cluster of clusters ?? []) at += body.write(cluster ?? noCluster, at, "latin1");
  for (const { values } of counted) {
    const bits = at;
    at += bitmapBytes(ids.length);
    for (const [row, value] of values.entries()) {
      if (value === undefined) continue;
      body[bits + (row >> 3)]! |= 1 << (row & 7);
      at = body.writeDoubleLE(value, at);
    }
  }
  const prelude = Buffer.alloc(preludeBytes);
  prelude.write(magic, "latin1");
  prelude.writeUInt32LE(headBytes.length, 4);
  prelude.writeUInt32LE(body.length, 8);
  return Buffer.concat([prelude, headBytes, body]);
}

/** The groups of a file, in order. In memory of one of them. */
export async function* readGroups(stream: AsyncIterable<Uint8Array>): AsyncGenerator<CaseGroup> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    held = Buffer.concat([held, chunk]);
    for (let size = groupLength(held); held.length >= size; size = groupLength(held)) {
      yield decodeGroup(held);
      held = held.subarray(size);
    }
  }
  if (held.length > 0) throw new Error(`columns of cases end in the middle of a group`);
}

/** More than there is when not even that can be told. */
function groupLength(bytes: Buffer): number {
  if (bytes.length < preludeBytes) return preludeBytes;
  if (bytes.toString("latin1", 0, 4) !== magic) throw new Error("these are no columns of cases");
  return preludeBytes + bytes.readUInt32LE(4) + bytes.readUInt32LE(8);
}

function decodeGroup(bytes: Buffer): CaseGroup {
  let at = preludeBytes + bytes.readUInt32LE(4);
  const head = JSON.parse(bytes.toString("utf8", preludeBytes, at)) as GroupHead;
  const { rows } = head;
  const each = <T>(width: number, read: (offset: number) => T): T[] => {
    const start = at;
    at += rows * width;
    return Array.from({ length: rows }, (_, row) => read(start + row * width));
  };
  const hash = (offset: number) => bytes.toString("latin1", offset, offset + hashBytes);
  const ids = each(hashBytes, hash);
  const contents = each(contentBytes, (offset) => bytes.readUIntLE(offset, contentBytes));
  const lengths = each(4, (offset) => bytes.readUInt32LE(offset));
  const clusters = head.clusters ? each(hashBytes, hash) : undefined;
  const numbers = head.numbers.map(([name, count]) => {
    const bits = at;
    let next = (at += bitmapBytes(rows));
    at += count * 8;
    const values = Array.from({ length: rows }, (_, row) => {
      if ((bytes[bits + (row >> 3)]! & (1 << (row & 7))) === 0) return undefined;
      next += 8;
      return bytes.readDoubleLE(next - 8);
    });
    return [name, values] as const;
  });
  return {
    ids,
    contents,
    lengths,
    ...(clusters && { clusters: clusters.map((cluster) => (cluster === noCluster ? undefined : cluster)) }),
    numbers: new Map(numbers),
  };
}

function bodyLength({ rows, clusters, numbers }: GroupHead): number {
  const fixed = rows * (hashBytes + contentBytes + 4 + (clusters ? hashBytes : 0));
  return numbers.reduce((sum, [, count]) => sum + bitmapBytes(rows) + count * 8, fixed);
}

function bitmapBytes(rows: number): number {
  return Math.ceil(rows / 8);
}

/** Packing a zip so that equal content gives equal bytes, on any machine. */
import { once } from "node:events";
import { Readable } from "node:stream";
import type { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import { ZipFile } from "yazl";
import { InvalidInput } from "../error.ts";
import { checkPath } from "./zip-path.ts";

export interface ZipMember {
  /** Relative, `/` between segments. */
  readonly path: string;
  readonly executable?: boolean;
  /** Bytes, when known; checked. */
  readonly size?: number;
  open(): Promise<AsyncIterable<Uint8Array>>;
}

/** Members up to this size are held whole, so that their header can carry size and CRC-32. */
const smallBytes = 256 * 1024;

/**
 * A zip of the members: sorted by path, one fixed time, modes 644 and 755, and **stored, not deflated**: deflate's
 * output differs between versions and processors, and the same directory packed on two machines must hash alike.
 * A stored zip can also be read at random when it lies inside another.
 * @throws InvalidInput `zip.unsafe_path`, `zip.duplicate_path`; whatever opening or reading a member throws
 */
export async function* writeZip(
  members: Iterable<ZipMember> | AsyncIterable<ZipMember>,
): AsyncGenerator<Uint8Array> {
  const sorted: ZipMember[] = [];
  for await (const member of members) sorted.push(member);
  sorted.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  const zip = new ZipFile();
  // The types say any readable; it is a PassThrough, whose writing side tells when to wait.
  const output = zip.outputStream as PassThrough;
  zip.on("error", (error: Error) => output.destroy(error));
  const abandoned = new AbortController();
  const feeding = feed(zip, sorted, abandoned.signal).catch((error: unknown) => {
    output.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    yield* output as AsyncIterable<Buffer>;
  } finally {
    abandoned.abort();
    await feeding;
  }
}

async function feed(zip: ZipFile, members: readonly ZipMember[], abandoned: AbortSignal): Promise<void> {
  const output = zip.outputStream as PassThrough;
  let before: string | undefined;
  for (const member of members) {
    checkPath(member.path);
    if (member.path === before) {
      throw new InvalidInput("zip.duplicate_path", `Two members are called "${member.path}".`);
    }
    before = member.path;
    await add(zip, member, abandoned);
    if (output.writableNeedDrain) await once(output, "drain", { signal: abandoned });
  }
  zip.end();
}

async function add(zip: ZipFile, member: ZipMember, abandoned: AbortSignal): Promise<void> {
  const options = {
    // The format's first moment, in local time as it is written: the same bytes in every time zone.
    mtime: new Date(1980, 0, 1),
    forceDosTimestamp: true,
    mode: member.executable === true ? 0o100755 : 0o100644,
    compress: false,
  };
  const content = (await member.open())[Symbol.asyncIterator]();
  const head = await takeUpTo(content, smallBytes);
  if (head.ended) {
    if (member.size !== undefined && member.size !== head.bytes.length)
      throw changed(member, head.bytes.length);
    zip.addBuffer(head.bytes, member.path, options);
    return;
  }
  const input = Readable.from(rejoined(head.bytes, content, member), {
    objectMode: false,
    signal: abandoned,
  });
  zip.addReadStream(input, member.path, options);
  await finished(input);
}

/** The beginning of a stream: all of it when it is no longer than `most`. */
async function takeUpTo(
  content: AsyncIterator<Uint8Array>,
  most: number,
): Promise<{ bytes: Buffer; ended: boolean }> {
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length <= most) {
    const next = await content.next();
    if (next.done === true) return { bytes: Buffer.concat(parts, length), ended: true };
    parts.push(next.value);
    length += next.value.length;
  }
  return { bytes: Buffer.concat(parts, length), ended: false };
}

async function* rejoined(
  head: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
  member: ZipMember,
): AsyncGenerator<Uint8Array> {
  let size = head.length;
  try {
    yield head;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      size += next.value.length;
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
  if (member.size !== undefined && member.size !== size) throw changed(member, size);
}

function changed(member: ZipMember, size: number): InvalidInput {
  return new InvalidInput(
    "file_changed",
    `"${member.path}" had ${member.size} bytes and has ${size} now: it changed while it was packed.`,
  );
}

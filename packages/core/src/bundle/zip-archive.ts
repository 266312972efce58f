/** Reading a zip at random over any byte source, in bounded memory, with every entry checked as it is read. */
import type { ByteSource } from "./byte-source.ts";
import { readAhead } from "./byte-source.ts";
import type { DirectoryRecord } from "./zip-directory.ts";
import { readDirectory } from "./zip-directory.ts";
import type { ZipLimits } from "./zip-limit.ts";
import { defaultZipLimits } from "./zip-limit.ts";
import { memberSource, openMember } from "./zip-member.ts";

export type { ZipLimits } from "./zip-limit.ts";
export { defaultZipLimits } from "./zip-limit.ts";

export interface ZipEntry {
  /** Relative, `/` between segments, none at the end. Safe: no `..`, no backslash, no control character. */
  readonly path: string;
  readonly kind: "file" | "directory";
  /** Bytes, inflated. */
  readonly size: number;
  /** Bytes, as stored in the archive. */
  readonly compressedSize: number;
  /** Whether the packer's system let anyone run it. */
  readonly executable: boolean;
  readonly crc32: number;
}

export interface ZipArchive {
  /** In the order of their data, in which reading them all is fastest. */
  readonly entries: readonly ZipEntry[];
  /**
   * The content, inflated. Size and CRC-32 are checked while it streams: only a stream read to its end is known to
   * be whole.
   * @throws InvalidInput `zip.corrupt`, `zip.header_mismatch`; the stream may throw them too
   */
  open(entry: ZipEntry): Promise<AsyncIterable<Uint8Array>>;
  /** The content as a source of its own, where it is stored and not deflated. Its CRC-32 is not checked. */
  stored(entry: ZipEntry): Promise<ByteSource | undefined>;
}

/**
 * Opens a zip: reads its end records and its directory, and nothing else.
 * @throws InvalidInput with a code `zip.…`, a message that says what is wrong, and a hint
 */
export async function openZip(source: ByteSource, limits: Partial<ZipLimits> = {}): Promise<ZipArchive> {
  const records = await readDirectory(source, { ...defaultZipLimits, ...limits });
  const ahead = readAhead(source);
  // Entries are the records themselves, seen through a narrower type: whoever holds one can open it.
  const entries: readonly ZipEntry[] = records.sort((a, b) => a.offset - b.offset);
  return {
    entries,
    open: (entry) => openMember({ source, ahead }, entry as DirectoryRecord),
    stored: async (entry) => {
      const record = entry as DirectoryRecord;
      return record.deflated ? undefined : await memberSource({ source, ahead }, record);
    },
  };
}

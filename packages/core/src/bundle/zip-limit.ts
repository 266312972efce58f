/** What a zip may cost its reader. */
export interface ZipLimits {
  readonly maxEntries: number;
  /** Bytes of one entry, inflated. */
  readonly maxEntryBytes: number;
  /** Bytes of all entries, inflated. */
  readonly maxTotalBytes: number;
  /** Inflated bytes per compressed byte, of each entry and of the whole… */
  readonly maxRatio: number;
  /** …beyond the first of this many bytes: a small file of zeros is no bomb. */
  readonly ratioFreeBytes: number;
  /** Bytes of the directory, which is held in memory while it is read. */
  readonly maxDirectoryBytes: number;
}

const gib = 1024 ** 3;

/** Room for a bundle of tens of gigabytes, or of two hundred thousand files. */
export const defaultZipLimits: ZipLimits = {
  maxEntries: 200_000,
  maxEntryBytes: 64 * gib,
  maxTotalBytes: 64 * gib,
  maxRatio: 200,
  ratioFreeBytes: gib / 4,
  maxDirectoryBytes: 64 * 1024 ** 2,
};

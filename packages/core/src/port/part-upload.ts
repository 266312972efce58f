/** What `Blobs` does for content that is too large for one request, or not to be sent again from its beginning. */

export interface SignedUpload {
  readonly method: "PUT";
  readonly url: string;
  /** Must all be sent exactly as given: they are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: string;
}

/** An upload in parts that is under way: the key it will be stored under, and the store's own name for it. */
export interface PartUpload {
  readonly key: string;
  readonly id: string;
}

/** A part that has arrived. */
export interface StoredPart {
  /** From 1. */
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex; absent when the store does not tell it. */
  readonly sha256?: string;
  /** The store's own name for these very bytes. Opaque. */
  readonly tag: string;
}

/** At most this many parts in one upload (S3's limit). */
export const maxParts = 10_000;

/** After so many days a store removes what was neither completed nor aborted: later than any upload expires. */
export const partUploadLifeDays = 8;

/**
 * Content that arrives in parts, in any order and several at a time. Until it is completed nothing is under its key;
 * S3 refuses to complete one in which a part, the last apart, has less than 5 MiB.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
export interface PartUploads {
  /** Begins one. What is neither completed nor aborted, the store removes after `partUploadLifeDays`. */
  startParts(key: string, options?: { contentType?: string }): Promise<PartUpload>;
  /**
   * A URL that accepts one method, one part of one upload, exactly `size` bytes of that SHA-256, until it expires. A part
   * that is sent again replaces the one that was there.
   * @throws InvalidInput `part_number_invalid` unless `number` is from 1 to 10,000
   */
  signPart(
    upload: PartUpload,
    part: { number: number; size: number; sha256: string; expiresInSeconds: number },
  ): Promise<SignedUpload>;
  /** All that have arrived, by number. @throws NotFound once it is completed or aborted */
  listParts(upload: PartUpload): Promise<readonly StoredPart[]>;
  /**
   * Puts the parts together, as they were listed: the blob is then there whole, as if it had been put.
   * Completing it once more does nothing or throws NotFound.
   * @throws NotFound once it is aborted; InvalidInput `parts_invalid` when one is not there as it was
   *   listed, is too small, or there is none
   */
  completeParts(upload: PartUpload, parts: readonly StoredPart[]): Promise<void>;
  /** Removes it and its parts. No error when it is over or unknown. */
  abortParts(upload: PartUpload): Promise<void>;
}

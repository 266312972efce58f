import { InvalidInput } from "../error.ts";

/** Every way a zip can be refused. Stable: findings and API clients match on them. */
export type ZipErrorCode =
  | "zip.not_a_zip"
  | "zip.truncated"
  | "zip.corrupt"
  | "zip.ambiguous"
  | "zip.multi_disk"
  | "zip.encrypted"
  | "zip.unsupported_method"
  | "zip.special_file"
  | "zip.unsafe_path"
  | "zip.duplicate_path"
  | "zip.overlap"
  | "zip.too_many_entries"
  | "zip.too_large"
  | "zip.ratio"
  | "zip.header_mismatch";

/** A refused zip: what is wrong, and what to do about it. */
export function zipError(code: ZipErrorCode, message: string, hint: string, cause?: unknown): InvalidInput {
  return new InvalidInput(code, message, { hint, ...(cause === undefined ? {} : { cause }) });
}

const packAgain = "Pack the zip again, and test it with `unzip -t`.";

/** A zip that contradicts itself or does not hold what it says. */
export function corruptZip(message: string, cause?: unknown): InvalidInput {
  return zipError("zip.corrupt", message, packAgain, cause);
}

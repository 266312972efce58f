/** S3 takes and gives SHA-256 in base64; everything of ours has it in lower-case hex. */
export function base64Of(sha256: string): string {
  return Buffer.from(sha256, "hex").toString("base64");
}

/** Undefined for a checksum of parts (`…-3`), which says nothing of the whole. */
export function hexOf(checksum: string | undefined): string | undefined {
  const bytes = Buffer.from(checksum ?? "", "base64");
  return bytes.length === 32 && checksum?.includes("-") === false ? bytes.toString("hex") : undefined;
}

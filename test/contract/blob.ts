/** What the contracts of Blobs share. */
import { createHash, randomUUID } from "node:crypto";

/** A key that no other test uses. */
export function newKey(): string {
  return `test/${randomUUID()}`;
}

export function sha256Of(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

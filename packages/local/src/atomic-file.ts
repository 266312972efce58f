import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";

/**
 * Writes a small file, readable by its owner only, so that a reader sees the old content, or the new, or, when this
 * process dies, still the old: written beside it, synced, and moved into place.
 * With `ifAbsent`, a file that is there stays as it is, also against a process doing the same at this moment.
 */
export function writeFileAtomically(
  path: string,
  content: Uint8Array | string,
  options: { ifAbsent?: boolean } = {},
): void {
  const draft = `${path}.${randomBytes(8).toString("hex")}.tmp`;
  try {
    const file = openSync(draft, "wx", 0o600);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (options.ifAbsent !== true) {
      renameSync(draft, path);
      return;
    }
    try {
      linkSync(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

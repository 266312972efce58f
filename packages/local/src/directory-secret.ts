import { createHmac, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PlatformFault } from "@benchgen/core/error.ts";
import { writeFileAtomically } from "./atomic-file.ts";

const secretBytes = 32;

/**
 * Keys derived from the one random secret of a data directory, a different one per purpose (`cursor`, `blob-url`), the
 * same in every process and after every restart.
 * @throws PlatformFault `secret_damaged` when the file is not what this wrote
 */
export function openDirectorySecret(dir: string): (purpose: string) => Uint8Array {
  const path = join(dir, "secret.key");
  const secret = readIfThere(path) ?? create(dir, path);
  if (secret.length !== secretBytes) {
    throw new PlatformFault("secret_damaged", `${path} does not hold ${secretBytes} bytes.`, {
      hint: "Delete it: a new one is made, and links and cursors handed out so far stop working.",
    });
  }
  return (purpose) => createHmac("sha256", secret).update(purpose).digest();
}

function create(dir: string, path: string): Uint8Array {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writeFileAtomically(path, randomBytes(secretBytes), { ifAbsent: true });
  return readFileSync(path);
}

function readIfThere(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

import type { FileMap, StoredFile } from "./manifest.ts";

/** What is stored for a path the manifest names. */
export function bundlePath(files: FileMap, path: string): StoredFile | undefined {
  return Object.hasOwn(files, path) ? files[path] : undefined;
}

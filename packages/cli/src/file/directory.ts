import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a directory and what is missing above it, for its owner only. Node's own recursive mkdir never ends where a
 * directory takes no entries and calls that "no such file", as /proc does.
 * @throws the system's error
 */
export async function makePrivateDirectory(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error;
    await makePrivateDirectory(dirname(path));
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a directory and what is missing above it. Node's own recursive mkdir never ends where a directory takes no
 * entries and calls that "no such file", as /proc does.
 * @param mode of each that is made, less the umask
 * @throws the system's error; ENOTDIR where something else is in its place
 */
export async function makeDirectory(path: string, mode = 0o777): Promise<void> {
  try {
    await makeOne(path, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error;
    await makeDirectory(dirname(path), mode);
    await makeOne(path, mode);
  }
}

/** The same, for its owner only. */
export async function makePrivateDirectory(path: string): Promise<void> {
  await makeDirectory(path, 0o700);
}

async function makeOne(path: string, mode: number): Promise<void> {
  await mkdir(path, { mode }).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
    // Something is there: with a dot behind it, it is found only if it is a directory.
    await stat(`${path}/.`);
  });
}

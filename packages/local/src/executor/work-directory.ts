import { createHash } from "node:crypto";
import { lstat, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PlatformFault } from "@benchgen/core/error.ts";
import { makeReachable, reachable } from "./host.ts";

/**
 * Makes the directory jobs run under, and returns where it is. Root's home, and so a data directory in it, is usually
 * closed to the ordinary user that root's programs run as: then it is one of root's own in /var/tmp, always the same.
 * @throws PlatformFault when someone else has put something there
 */
export async function openWorkDirectory(wanted: string): Promise<string> {
  await mkdir(dirname(wanted), { recursive: true });
  const usable = await reachable(dirname(wanted));
  const id = createHash("sha256").update(wanted).digest("hex").slice(0, 16);
  const directory = usable ? wanted : join("/var/tmp", `benchgen-${id}`);
  await mkdir(directory, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const found = await lstat(directory);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new PlatformFault("work_directory", `${directory} is not a directory of ours.`, {
      hint: "Remove it, or use another data directory.",
    });
  }
  await makeReachable(directory);
  return directory;
}

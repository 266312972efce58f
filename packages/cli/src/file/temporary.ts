import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../context.ts";

/** A directory of the command's own, gone when it ends: also after Ctrl-C, and after a second one. */
export async function temporaryDirectory(context: Pick<Context, "onEnd">): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "benchgen-"));
  const removeNow = (): void => rmSync(directory, { recursive: true, force: true });
  process.once("exit", removeNow);
  context.onEnd(async () => {
    process.off("exit", removeNow);
    await rm(directory, { recursive: true, force: true });
  });
  return directory;
}

import { constants, openSync } from "node:fs";
import { type FileHandle, chown, open, rm } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { PlatformFault } from "@benchgen/core/error.ts";
import type { Owner } from "@benchgen/runner/owner.ts";
import { runTool } from "./tool.ts";

export interface OutputPipe {
  /** Ends when nobody holds the other end any more. */
  readonly output: Socket;
  /** To be given to the program, and closed here once it has it. */
  readonly input: FileHandle;
}

/**
 * Pipes a program can open again as `/dev/stdout`: those of Node are sockets, which cannot be. They are named for a moment,
 * in a directory programs do not see, and belong to the programs' user.
 */
export async function openPipes(
  directory: string,
  names: readonly string[],
  owner: Owner | undefined,
): Promise<OutputPipe[]> {
  const paths = names.map((name) => join(directory, `${name}.pipe`));
  const made = await runTool(["mkfifo", "-m", "600", ...paths]);
  if (made.code !== 0) throw new PlatformFault("no_pipe", `No pipe could be made: ${made.stderr.trim()}.`);
  const pipes: OutputPipe[] = [];
  for (const path of paths) {
    if (owner !== undefined) await chown(path, owner.uid, owner.gid);
    // The reading end first and without waiting; the writing end would wait for it for ever.
    // The socket owns its descriptor and closes it, so it must not be a FileHandle's.
    const output = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const input = await open(path, constants.O_WRONLY);
    pipes.push({ output: new Socket({ fd: output, readable: true, writable: false }), input });
    await rm(path);
  }
  return pipes;
}

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { CliError, Interrupted, exitCode } from "../error.ts";
import { makeDirectory } from "./directory.ts";

export interface SaveOptions {
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/** Writes a response's body to a file: `saveContent`. */
export async function saveResponse(response: Response, path: string, options: SaveOptions): Promise<void> {
  await saveContent(contentOf(response), path, options);
}

/** A response's body; where there is none, nothing. */
export function contentOf(response: Response): AsyncIterable<Uint8Array> {
  return response.body ?? new Blob([]).stream();
}

/**
 * Writes a file, whole or not at all: it is received beside the target first.
 * @throws CliError `path_exists` when something is there and `force` is not set
 */
export async function saveContent(
  content: AsyncIterable<Uint8Array>,
  path: string,
  options: SaveOptions,
): Promise<void> {
  await makeDirectory(dirname(path));
  const draft = `${path}.${randomUUID()}.part`;
  // Opened before anything is received: a stream that opens its file itself may do so after it was given up.
  const file = await open(draft, "wx");
  try {
    await pipeline(content, file.createWriteStream({ flush: true }), { signal: options.signal });
    // A link is made only where nothing is: nobody's file is overwritten between a look and the write.
    if (options.force) await rename(draft, path);
    else await link(draft, path);
  } catch (error) {
    if (options.signal.aborted) throw new Interrupted();
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new CliError("path_exists", `${path} is there already.`, {
      hint: "Choose another with --output, or add --force.",
    });
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Where a file goes below a directory. What a server calls it is not believed: no part of it may lead out.
 * @throws CliError `name_refused`
 */
export function segmentsOf(names: readonly string[]): string[] {
  const segments = names.flatMap((name) => name.split("/"));
  if (segments.every((segment) => /^[\p{L}\p{N}_-][\p{L}\p{N} ._-]{0,199}$/u.test(segment))) return segments;
  throw new CliError("name_refused", "The server gave a file a name that cannot be used here.", {
    exit: exitCode.failed,
  });
}

/** Byte for byte, as a file would be: it is meant for a program, and asked for in so many words. */
export async function toStdout(content: AsyncIterable<Uint8Array>): Promise<undefined> {
  for await (const chunk of content) {
    if (!process.stdout.write(chunk)) await once(process.stdout, "drain");
  }
}

/** What the server calls the file, if that is a plain name; the other name otherwise. */
export function filenameOf(response: Response, otherwise: string): string {
  const named = /filename="([^"]*)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  return named !== undefined && /^[\w-][\w.-]{0,199}$/.test(named) ? named : otherwise;
}

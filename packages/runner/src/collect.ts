/** What a program left in a directory, as members of a zip. The program is dead by now; what it made is still hostile. */
import { constants } from "node:fs";
import { chmod, lstat, opendir } from "node:fs/promises";
import { join } from "node:path";
import { chunks } from "@benchgen/core/bundle/byte-source.ts";
import { defaultZipLimits } from "@benchgen/core/bundle/zip-archive.ts";
import { checkPath, foldPath } from "@benchgen/core/bundle/zip-path.ts";
import type { ZipMember } from "@benchgen/core/bundle/zip-writer.ts";
import { contentOf, openRegular } from "./file.ts";

export interface Collection {
  readonly members: readonly ZipMember[];
  /** What was left out, and why: `link.json (a link)`. */
  readonly skipped: readonly string[];
  /** Bytes of the members. */
  readonly size: number;
  /** Set when it was given up: it is too large, or too many. One sentence. */
  readonly excess?: string;
}

/** Entries of a zip, less room for the `metadata` file. */
const maxFiles = defaultZipLimits.maxEntries - 1;
/** Entries looked at in all, whatever they are, so that a million links do not hold us up. */
const maxEntries = 2 * defaultZipLimits.maxEntries;
const maxDepth = 100;
const maxSkipped = 100;

/**
 * Walks a directory without following a link, taking regular files only. Sparse files count with the size they claim.
 * @param maxBytes of all files together
 */
export async function collect(directory: string, maxBytes: number): Promise<Collection> {
  const walk = new Walk(directory, maxBytes);
  await walk.enter("", 0);
  return walk.result();
}

class Walk {
  readonly #root: string;
  readonly #maxBytes: number;
  readonly #members: ZipMember[] = [];
  readonly #skipped: string[] = [];
  readonly #folded = new Set<string>();
  #size = 0;
  #entries = 0;
  #excess: string | undefined;

  constructor(root: string, maxBytes: number) {
    this.#root = root;
    this.#maxBytes = maxBytes;
  }

  result(): Collection {
    const found = { members: this.#members, skipped: this.#skipped, size: this.#size };
    return this.#excess === undefined ? found : { ...found, excess: this.#excess };
  }

  async enter(relative: string, depth: number): Promise<void> {
    const path = join(this.#root, relative);
    // A program may have locked its own directory; it is the job's, so we may open it again.
    if (depth > 0) await chmod(path, 0o700).catch(() => undefined);
    const entries = await opendir(path, { bufferSize: 256 }).catch(() => undefined);
    if (entries === undefined) return this.#skip(relative, "cannot be opened");
    let empty = true;
    for await (const entry of entries) {
      empty = false;
      if (this.#excess !== undefined) return;
      this.#entries++;
      if (this.#entries > maxEntries)
        return this.#giveUp(`The output holds more than ${maxEntries} entries.`);
      const name = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) {
        if (depth >= maxDepth) this.#skip(name, `deeper than ${maxDepth} directories`);
        else await this.enter(name, depth + 1);
      } else if (entry.isFile()) {
        await this.#take(name);
      } else {
        this.#skip(name, entry.isSymbolicLink() ? "a link" : "no regular file");
      }
    }
    if (empty && depth > 0) this.#takeEmpty(`${relative}/`);
  }

  /** A scoring program may look into a directory that had nothing to hold this time. */
  #takeEmpty(name: string): void {
    if (this.#admit(name))
      this.#members.push({ path: name, size: 0, open: () => Promise.resolve(chunks([])) });
  }

  async #take(name: string): Promise<void> {
    const path = join(this.#root, name);
    const stat = await lstat(path);
    if (!this.#admit(name)) return;
    this.#size += stat.size;
    if (this.#size > this.#maxBytes) {
      return this.#giveUp(
        `The output is larger than ${Math.floor(this.#maxBytes / 1024 ** 2)} MiB, with "${name}".`,
      );
    }
    this.#members.push({
      path: name,
      size: stat.size,
      executable: (stat.mode & constants.S_IXUSR) !== 0,
      open: () => contentOfRegular(path),
    });
  }

  /** Whether a member of that name may be in the zip; if not, it has been said why. */
  #admit(name: string): boolean {
    const problem = this.#problemOf(name);
    if (problem !== undefined) this.#skip(name, problem);
    else if (this.#members.length >= maxFiles) this.#giveUp(`The output has more than ${maxFiles} files.`);
    else {
      this.#folded.add(foldPath(name));
      return true;
    }
    return false;
  }

  #problemOf(name: string): string | undefined {
    if (name.includes("\ufffd")) return "its name is not UTF-8";
    try {
      checkPath(name);
    } catch {
      return "its name is not safe in a zip";
    }
    return this.#folded.has(foldPath(name)) ? "another name differs only in case" : undefined;
  }

  #skip(name: string, why: string): void {
    if (this.#skipped.length < maxSkipped) this.#skipped.push(`${name} (${why})`);
    else if (this.#skipped.length === maxSkipped) this.#skipped.push("and more");
  }

  #giveUp(why: string): void {
    this.#excess = why;
  }
}

async function contentOfRegular(path: string): Promise<AsyncIterable<Uint8Array>> {
  await chmod(path, 0o600).catch(() => undefined);
  const opened = await openRegular(path);
  if (opened === undefined) throw new Error(`${path} cannot be read`);
  return contentOf(opened.file, opened.size);
}

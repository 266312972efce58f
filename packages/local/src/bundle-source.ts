/** Bundles on this machine: a zip file to read at random, a directory as a bundle's tree. */
import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import type { ByteSource } from "@benchgen/core/bundle/byte-source.ts";
import { chunks } from "@benchgen/core/bundle/byte-source.ts";
import type { BundleTree, TreeFile } from "@benchgen/core/bundle/tree.ts";
import { isJunk } from "@benchgen/core/bundle/tree.ts";
import { checkPath, foldPath } from "@benchgen/core/bundle/zip-path.ts";
import { InvalidInput, NotFound } from "@benchgen/core/error.ts";
import { contentAt } from "@benchgen/runner/file.ts";

/**
 * A file, read at random. It is opened for each read, so that nothing has to be closed.
 * @throws NotFound when it does not exist; InvalidInput `not_a_file` when it is no regular file
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const status = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) throw new NotFound("file", path);
    throw error;
  });
  if (!status.isFile()) throw new InvalidInput("not_a_file", `"${path}" is not a file.`);
  return {
    size: status.size,
    read: (start, end) => Promise.resolve(end <= start ? chunks([]) : contentAt(path, { start, end })),
  };
}

/**
 * A directory as a bundle. Version control and what operating systems leave behind are not part of it. Links are
 * followed to files inside the directory only. What cannot be in a bundle is left out and among the tree's problems:
 * `zip.unsafe_path`, `zip.duplicate_path`, `bundle.special_file`.
 * @throws NotFound when it does not exist
 */
export async function directoryTree(directory: string): Promise<BundleTree> {
  const root = await realpath(directory).catch((error: unknown) => {
    if (isMissing(error)) throw new NotFound("directory", directory);
    throw error;
  });
  const found = new Map<string, TreeFile & { readonly location: string }>();
  const emptyDirectories = new Set<string>();
  const problems: InvalidInput[] = [];
  await walk(root, "", { root, found, folded: new Map(), emptyDirectories, problems });
  const location = (path: string): string => {
    const file = found.get(path);
    if (file === undefined) throw new NotFound("file", path);
    return file.location;
  };
  return {
    name: directory,
    files: found,
    emptyDirectories,
    problems,
    open: async (path) => {
      const source = await fileSource(location(path));
      return await source.read(0, source.size);
    },
    source: (path) => fileSource(location(path)),
  };
}

interface Walk {
  readonly root: string;
  readonly found: Map<string, TreeFile & { readonly location: string }>;
  /** Paths by what they are where case does not count. */
  readonly folded: Map<string, string>;
  readonly emptyDirectories: Set<string>;
  readonly problems: InvalidInput[];
}

/** A directory full of them is no clearer for the hundredth. */
const maxProblems = 100;

async function walk(directory: string, prefix: string, to: Walk): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true });
  const wanted = entries.filter(({ name }) => !isJunk(name) && name !== ".git");
  if (wanted.length === 0 && prefix !== "") to.emptyDirectories.add(prefix.slice(0, -1));
  for (const entry of wanted.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = (prefix + entry.name).normalize("NFC");
    try {
      checkPath(path);
      checkSideBySide(path, to.folded);
      const location = join(directory, entry.name);
      if (entry.isDirectory()) await walk(location, `${path}/`, to);
      else to.found.set(path, await treeFile(location, path, { entry, root: to.root }));
    } catch (error) {
      // Node reads a name that is not UTF-8 with replacement characters, and then finds no file of that name.
      const problem = isMissing(error) && entry.name.includes("\ufffd") ? misnamed(path) : error;
      if (!(problem instanceof InvalidInput)) throw problem;
      if (to.problems.length < maxProblems) to.problems.push(problem);
    }
  }
}

async function treeFile(
  location: string,
  path: string,
  { entry, root }: { entry: Dirent; root: string },
): Promise<TreeFile & { readonly location: string }> {
  const target = entry.isSymbolicLink() ? await linkTarget(location, path, root) : location;
  const status = await stat(target);
  if (!status.isFile()) throw special(path, entry.isSymbolicLink() ? "links to a directory" : "is no file");
  return { size: status.size, executable: (status.mode & 0o111) !== 0, location: target };
}

/** As in a zip: what this directory is packed into must hold it. */
function checkSideBySide(path: string, folded: Map<string, string>): void {
  const other = folded.get(foldPath(path));
  folded.set(foldPath(path), path);
  if (other === undefined) return;
  throw new InvalidInput(
    "zip.duplicate_path",
    `"${other}" and "${path}" cannot exist side by side on every system.`,
    { hint: "Rename or remove one of them." },
  );
}

async function linkTarget(location: string, path: string, root: string): Promise<string> {
  const target = await realpath(location).catch(() => undefined);
  if (target === undefined) throw special(path, "links to nothing");
  if (!target.startsWith(root + sep)) throw special(path, "links to something outside of the bundle");
  return target;
}

function misnamed(path: string): InvalidInput {
  return new InvalidInput("zip.unsafe_path", `The name of "${path}" is not valid UTF-8.`, {
    hint: "Rename it, with plain letters for instance.",
  });
}

function special(path: string, problem: string): InvalidInput {
  return new InvalidInput("bundle.special_file", `"${path}" ${problem}.`, {
    hint: "A bundle holds regular files: replace it by a copy of what it stands for.",
  });
}

function isMissing(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === "ENOENT" || code === "ENOTDIR";
}

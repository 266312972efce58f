/** What a field's path holds, opened: a directory, or the zip or other file it names. */
import type { ByteSource } from "./byte-source.ts";
import { bytesSource, chunks, collect, forwardSource } from "./byte-source.ts";
import type { Target } from "./reference.ts";
import type { BundleTree } from "./tree.ts";
import { subtree, zipTree } from "./tree.ts";
import type { ZipArchive } from "./zip-archive.ts";
import { openZip } from "./zip-archive.ts";
import type { ZipLimits } from "./zip-limit.ts";

/** Zips up to this size are held in memory while they are read. */
const spoolBytes = 16 * 1024 * 1024;

/** A zip inside a zip may unpack to less than the outer one may: ratios multiply. */
const nestedLimits: Partial<ZipLimits> = { maxRatio: 100, ratioFreeBytes: 64 * 1024 ** 2 };

export interface OpenedContent {
  readonly kind: "directory" | "zip" | "file";
  readonly tree: BundleTree;
  /** Of a zip. */
  readonly archive?: ZipArchive;
  /** Whether members are cheap to read in any order. */
  readonly random: boolean;
}

/** How many entries all zips inside a bundle may have together: each is in memory until the bundle is read. */
export interface EntryBudget {
  entries: number;
}

/** Whether a path's file is meant to be unpacked. */
function isZipPath(path: string): boolean {
  return path.toLowerCase().endsWith(".zip");
}

/**
 * Opens what lies at a path; its entries are taken from the budget.
 * @throws InvalidInput `zip.…` when it is called a zip and is none, or a damaged one
 */
export async function openContent(
  tree: BundleTree,
  target: Target,
  budget: EntryBudget,
): Promise<OpenedContent> {
  if (target.kind === "directory") {
    return { kind: "directory", tree: subtree(tree, target.path, target.files), random: true };
  }
  if (!isZipPath(target.path)) return { kind: "file", tree: single(tree, target.path), random: true };
  const { source, random } = await nestedSource(tree, target.path);
  const archive = await openZip(source, { ...nestedLimits, maxEntries: Math.min(200_000, budget.entries) });
  budget.entries -= archive.entries.length;
  return { kind: "zip", tree: zipTree(archive, target.path), archive, random };
}

/**
 * A zip that lies in the bundle, to be read at random: by ranges where the bundle stores it or is a directory; in
 * memory where it is small; else by streaming it, which inflates it once more for every step back.
 */
async function nestedSource(
  tree: BundleTree,
  path: string,
): Promise<{ source: ByteSource; random: boolean }> {
  const ranged = await tree.source?.(path);
  if (ranged !== undefined) return { source: ranged, random: true };
  const { size } = tree.files.get(path)!;
  if (size <= spoolBytes)
    return { source: bytesSource(await collect(await tree.open(path), size)), random: true };
  return { source: forwardSource(size, () => tree.open(path)), random: false };
}

function single(tree: BundleTree, path: string): BundleTree {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return {
    name: path,
    files: new Map([[name, tree.files.get(path)!]]),
    open: () => tree.open(path),
    ...(tree.checksummed === undefined ? {} : { checksummed: tree.checksummed }),
  };
}

/** The first bytes of a file, at most `length`. */
export async function readHead(tree: BundleTree, path: string, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let have = 0;
  for await (const chunk of await tree.open(path)) {
    parts.push(chunk);
    have += chunk.length;
    if (have >= length) break;
  }
  return (await collect(chunks(parts), have)).subarray(0, length);
}

/** A bundle as files, whatever it came from: a zip, a directory, a stored version. */
import type { InvalidInput } from "../error.ts";
import type { ByteSource } from "./byte-source.ts";
import type { ZipArchive, ZipEntry } from "./zip-archive.ts";

export interface TreeFile {
  /** Bytes. */
  readonly size: number;
  readonly executable: boolean;
  /** CRC-32 of the content, where it is known without reading it. */
  readonly crc32?: number;
}

export interface BundleTree {
  /** What messages call it: `bundle.zip`. */
  readonly name: string;
  /** By path: relative, `/` between segments, Unicode NFC, junk left out. */
  readonly files: ReadonlyMap<string, TreeFile>;
  /** @throws InvalidInput when the file is damaged or has changed, possibly only while it streams */
  open(path: string): Promise<AsyncIterable<Uint8Array>>;
  /** The file as a source to read at random, where that costs nothing; undefined where it does not. */
  source?(path: string): Promise<ByteSource | undefined>;
  /** Directories that are there and hold nothing. */
  readonly emptyDirectories?: ReadonlySet<string>;
  /** What is there but cannot be part of a bundle, one error each: links to the outside, names no zip may hold. */
  readonly problems?: readonly InvalidInput[];
  /** Whether files carry checksums, so that only reading all of them shows that none is damaged. */
  readonly checksummed?: boolean;
}

/** What macOS and Windows add to folders and archives without being asked. Never part of a bundle. */
export function isJunk(path: string): boolean {
  return path
    .split("/")
    .some((name) => name === "__MACOSX" || name.startsWith("._") || /^(\.ds_store|thumbs\.db)$/i.test(name));
}

/** The files of a zip. */
export function zipTree(archive: ZipArchive, name: string): BundleTree {
  const entries = new Map<string, ZipEntry>();
  const emptyDirectories = new Set<string>();
  for (const entry of archive.entries) {
    if (isJunk(entry.path)) continue;
    const path = entry.path.normalize("NFC");
    if (entry.kind === "file") entries.set(path, entry);
    else emptyDirectories.add(path);
  }
  for (const path of entries.keys()) for (const parent of parents(path)) emptyDirectories.delete(parent);
  const entry = (path: string): ZipEntry => {
    const found = entries.get(path);
    if (found === undefined) throw new Error(`${name} has no file ${path}`);
    return found;
  };
  return {
    name,
    files: entries,
    open: async (path) => await archive.open(entry(path)),
    source: async (path) => await archive.stored(entry(path)),
    emptyDirectories,
    checksummed: true,
  };
}

/** The files below a directory of a tree, as a tree of their own. */
export function subtree(tree: BundleTree, directory: string, paths: readonly string[]): BundleTree {
  const prefix = `${directory}/`;
  return {
    name: directory,
    files: new Map(paths.map((path) => [path.slice(prefix.length), tree.files.get(path)!])),
    open: async (path) => await tree.open(prefix + path),
    ...(tree.checksummed === undefined ? {} : { checksummed: tree.checksummed }),
  };
}

function* parents(path: string): Generator<string> {
  for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
    yield path.slice(0, slash);
  }
}

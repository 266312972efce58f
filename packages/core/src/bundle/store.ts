/** A bundle taken apart into content-addressed blobs, and put together again. */
import { createHash } from "node:crypto";
import { forEachLimited } from "../concurrency.ts";
import { type KeepPorts, keepContent } from "../content/keep.ts";
import type { Blobs } from "../ports.ts";
import { blobKey } from "../wire/key.ts";
import { blobSource, chunks, collect } from "./byte-source.ts";
import type { FileMap, Manifest, StoredFile } from "./manifest.ts";
import { FileIndex } from "./reference.ts";
import type { BundleTree } from "./tree.ts";
import { openZip } from "./zip-archive.ts";
import type { ZipMember } from "./zip-writer.ts";
import { writeZip } from "./zip-writer.ts";

/** Contents up to this size are read once and held; larger ones are read twice, first to know their hash. */
const heldBytes = 4 * 1024 * 1024;
const concurrency = 2;

/** The key of everything no field names. */
const rest = "";

/**
 * Stores every path the manifest names, and all the rest under `""`. A revised bundle writes only what is new.
 * `contentHash` is the SHA-256 of paths and contents: equal bundles have equal hashes, however they were packed.
 * @throws InvalidInput when a file is damaged or changes while it is stored; PlatformFault when the store fails
 */
export async function storeBundle(
  tree: BundleTree,
  manifest: Manifest,
  ports: KeepPorts,
): Promise<{ files: FileMap; contentHash: string }> {
  const index = new FileIndex(tree);
  const paths = [...namedBy(manifest)];
  const unnamed = new Set(tree.files.keys());
  const stored = new Map<string, StoredFile>();
  await forEachLimited(paths, concurrency, async (path) => {
    const target = index.find(path);
    if (target === undefined) throw new Error(`unchecked path: ${path}`);
    const files = target.kind === "file" ? [path] : target.files;
    for (const file of files) unnamed.delete(file);
    const content = target.kind === "file" ? () => tree.open(path) : packed(tree, files, `${path}/`);
    stored.set(path, { kind: target.kind, ...(await storeFile(content, ports)) });
  });
  stored.set(rest, {
    kind: "directory",
    ...(await storeFile(packed(tree, [...unnamed], ""), ports)),
  });
  const sorted = [...stored].sort(([a], [b]) => (a < b ? -1 : 1));
  const listing = sorted.map(([path, { kind, sha256 }]) => [path, kind, sha256]);
  const contentHash = createHash("sha256").update(JSON.stringify(listing)).digest("hex");
  return { files: Object.fromEntries(sorted), contentHash };
}

/**
 * The zip a version is downloaded as: the paths and contents of the bundle it was made of, packed anew.
 * @throws NotFound when a blob is gone
 */
export function rebuildBundle(
  files: FileMap,
  blobs: Pick<Blobs, "head" | "stream">,
): AsyncIterable<Uint8Array> {
  return writeZip(members(files, blobs));
}

async function* members(files: FileMap, blobs: Pick<Blobs, "head" | "stream">): AsyncGenerator<ZipMember> {
  // Fields may name a directory and something inside it: each path is written once.
  const written = new Set<string>();
  for (const [path, file] of Object.entries(files)) {
    const key = blobKey.content(file.sha256);
    if (file.kind === "file") {
      if (written.has(path)) continue;
      written.add(path);
      yield { path, size: file.size, open: () => blobs.stream(key) };
      continue;
    }
    const prefix = path === rest ? "" : `${path}/`;
    const archive = await openZip(await blobSource(blobs, key));
    if (archive.entries.length === 0 && prefix !== "") {
      yield { path: prefix, size: 0, open: () => Promise.resolve(chunks([])) };
    }
    for (const entry of archive.entries) {
      const member = prefix + entry.path;
      if (written.has(member)) continue;
      written.add(member);
      yield {
        path: member,
        executable: entry.executable,
        size: entry.size,
        open: () => archive.open(entry),
      };
    }
  }
}

function* namedBy(manifest: Manifest): Generator<string> {
  const named = [
    manifest.image,
    manifest.terms,
    ...manifest.pages.map(({ file }) => file),
    ...manifest.tasks.flatMap((task) => [
      task.scoringProgram,
      task.ingestionProgram,
      task.referenceData,
      task.inputData,
    ]),
    ...manifest.phases.flatMap((phase) => [phase.startingKit, phase.publicData]),
    ...manifest.solutions.map(({ path }) => path),
  ];
  for (const path of new Set(named)) if (path !== undefined) yield path;
}

function packed(
  tree: BundleTree,
  files: readonly string[],
  prefix: string,
): () => Promise<AsyncIterable<Uint8Array>> {
  return () =>
    Promise.resolve(
      writeZip(
        files.map((path) => ({
          path: path.slice(prefix.length),
          executable: tree.files.get(path)!.executable,
          size: tree.files.get(path)!.size,
          open: () => tree.open(path),
        })),
      ),
    );
}

async function storeFile(
  open: () => Promise<AsyncIterable<Uint8Array>>,
  ports: KeepPorts,
): Promise<{ sha256: string; size: number }> {
  const hash = createHash("sha256");
  const held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of await open()) {
    hash.update(chunk);
    size += chunk.length;
    if (size <= heldBytes) held.push(chunk);
    else held.length = 0;
  }
  const sha256 = hash.digest("hex");
  const whole = size <= heldBytes ? () => collect(chunks(held), heldBytes) : open;
  await keepContent(ports, { sha256, size }, whole);
  return { sha256, size };
}

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { InvalidInput, NotFound } from "../error.ts";
import type { Blobs } from "../ports.ts";
import { blobKey } from "../wire/key.ts";
import { bytesSource, chunks, collect } from "./byte-source.ts";
import type { Files } from "./fixture.ts";
import { goodBundle, memoryTree, zipBytes } from "./fixture.ts";
import { readBundle } from "./read.ts";
import { bundlePath } from "./file-map.ts";
import { rebuildBundle, storeBundle } from "./store.ts";
import type { BundleTree } from "./tree.ts";
import { zipTree } from "./tree.ts";
import { openZip } from "./zip-archive.ts";

type Store = Pick<Blobs, "put" | "head" | "stream"> & { readonly contents: Map<string, Buffer> };

/** The part of the port that is needed, in memory. */
function memoryBlobs(): Store {
  const contents = new Map<string, Buffer>();
  return {
    contents,
    async put(key, content, options = {}) {
      if (options.ifAbsent === true && contents.has(key)) return false;
      const stream = content instanceof Uint8Array ? chunks([content]) : content;
      const bytes = Buffer.from(await collect(stream, Number.MAX_SAFE_INTEGER));
      if (options.sha256 !== createHash("sha256").update(bytes).digest("hex"))
        throw new InvalidInput("checksum_mismatch", "");
      contents.set(key, bytes);
      return true;
    },
    head: (key) => {
      const size = contents.get(key)?.length;
      return Promise.resolve(size === undefined ? undefined : { key, size, modifiedAt: "" });
    },
    stream: (key, { start, end } = {}) => {
      const bytes = contents.get(key);
      if (bytes === undefined) throw new NotFound("blob", key);
      return Promise.resolve(chunks([bytes.subarray(start, end)]));
    },
  };
}

async function store(tree: BundleTree, blobs: Store) {
  const { manifest } = await readBundle(tree);
  const table = { write: () => Promise.resolve() };
  return await storeBundle(tree, manifest!, { blobs, table, clock: { now: () => new Date(0) } });
}

const files: Files = {
  ...goodBundle,
  "README.md": "not named by any field",
  "reference/deep/more.csv": "x".repeat(5_000_000),
};

test("a directory is one blob, everything unnamed another", async () => {
  const blobs = memoryBlobs();
  const stored = await store(memoryTree(files), blobs);
  expect(Object.keys(stored.files)).toEqual(["", "reference", "scoring"]);
  expect(bundlePath(stored.files, "scoring")?.kind).toBe("directory");
  expect(bundlePath(stored.files, "toString")).toBeUndefined();
  const unnamed = await openZip(bytesSource(blobs.contents.get(blobKey.content(stored.files[""]!.sha256))!));
  expect(unnamed.entries.map(({ path }) => path)).toEqual(["README.md", "competition.yaml"]);
});

test("what is downloaded has the paths and contents of what was stored, and the same hash", async () => {
  const blobs = memoryBlobs();
  const stored = await store(memoryTree(files), blobs);
  const zip = await collect(rebuildBundle(stored.files, blobs), Number.MAX_SAFE_INTEGER);
  const tree = zipTree(await openZip(bytesSource(zip)), "again.zip");
  expect([...tree.files.keys()].sort()).toEqual(Object.keys(files).sort());
  for (const [path, content] of Object.entries(files)) {
    expect(Buffer.from(await collect(await tree.open(path), 1e7)).equals(Buffer.from(content))).toBe(true);
  }
  expect((await store(tree, blobs)).contentHash).toBe(stored.contentHash);
});

test("equal content has an equal hash and writes nothing, whether zip or directory", async () => {
  const blobs = memoryBlobs();
  const first = await store(memoryTree(files), blobs);
  const before = blobs.contents.size;
  const zip = zipTree(await openZip(bytesSource(await zipBytes(files))), "bundle.zip");
  expect((await store(zip, blobs)).contentHash).toBe(first.contentHash);
  expect(blobs.contents.size).toBe(before);
});

test.each(["README.md", "scoring/score.py", "reference/deep/more.csv"])(
  "changing %s makes one new blob and another hash",
  async (path) => {
    const blobs = memoryBlobs();
    const first = await store(memoryTree(files), blobs);
    const before = blobs.contents.size;
    const changed = { ...files, [path]: `${files[path] as string}# changed\n` };
    const second = await store(memoryTree(changed), blobs);
    expect(second.contentHash).not.toBe(first.contentHash);
    expect(blobs.contents.size).toBe(before + 1);
  },
);

test("a zip that a field names is stored as it is, once, however many fields name it", async () => {
  const blobs = memoryBlobs();
  const data = await zipBytes({ "labels.csv": "1,2,3,4,5,6,7,8" });
  const document = (goodBundle["competition.yaml"] as string).replace(
    "reference_data: reference",
    "reference_data: d.zip\n    input_data: d.zip",
  );
  const { "reference/labels.csv": _, ...rest } = goodBundle;
  const stored = await store(memoryTree({ ...rest, "competition.yaml": document, "d.zip": data }), blobs);
  expect(bundlePath(stored.files, "d.zip")).toMatchObject({ kind: "file", size: data.length });
  expect(blobs.contents.get(blobKey.content(stored.files["d.zip"]!.sha256))?.equals(data)).toBe(true);
});

test("a named directory that is empty is there again in what is downloaded", async () => {
  const document = (goodBundle["competition.yaml"] as string).replace(
    "reference_data: reference",
    "reference_data: none",
  );
  const tree = {
    ...memoryTree({ ...goodBundle, "competition.yaml": document }),
    emptyDirectories: new Set(["none"]),
  };
  const blobs = memoryBlobs();
  const { files, contentHash } = await store(tree, blobs);
  const zip = await collect(rebuildBundle(files, blobs), Number.MAX_SAFE_INTEGER);
  const again = zipTree(await openZip(bytesSource(zip)), "again.zip");
  expect((await store(again, blobs)).contentHash).toBe(contentHash);
});

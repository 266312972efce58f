import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesSource } from "@benchgen/core/bundle/byte-source.ts";
import { openZip } from "@benchgen/core/bundle/zip-archive.ts";
import { maxUploadBytes } from "@benchgen/core/wire/api.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { packageOf } from "./package.ts";

let directory: string;
let cleanups: (() => Promise<void>)[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "benchgen-package-"));
  cleanups = [];
});
afterEach(async () => {
  for (const cleanup of cleanups) await cleanup();
  await rm(directory, { recursive: true });
});

const context = {
  onEnd: (cleanup: () => Promise<void>) => cleanups.push(cleanup) as unknown as void,
  signal: new AbortController().signal,
  checkInterrupted: () => {},
};

async function pathsIn(zip: string): Promise<string[]> {
  const { entries } = await openZip(bytesSource(await readFile(zip)));
  return entries.map(({ path }) => path);
}

async function writeTree(root: string, files: Record<string, string>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, path, ".."), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

describe("a directory", () => {
  it("is packed with its contents at the top, without what systems leave behind", async () => {
    const tree = await writeTree(join(directory, "mine"), {
      "b.txt": "b",
      "a/c.txt": "c",
      ".DS_Store": "x",
      "__MACOSX/y": "z",
    });
    const packed = await packageOf(context, tree);
    expect(await pathsIn(packed.path)).toEqual(["a/c.txt", "b.txt"]);
    const bytes = await readFile(packed.path);
    expect(packed).toMatchObject({
      filename: "mine.zip",
      size: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    });
  });

  it("has the same hash wherever and whenever it was made", async () => {
    const one = await packageOf(context, await writeTree(join(directory, "one"), { b: "b", "a/c": "c" }));
    const tree = await writeTree(join(directory, "two"), { "a/c": "c", b: "b" });
    await utimes(join(tree, "b"), 1, 1);
    expect((await packageOf(context, tree)).sha256).toBe(one.sha256);
  });

  it("keeps which files can be executed", async () => {
    const plain = await packageOf(context, await writeTree(join(directory, "one"), { run: "x" }));
    await chmod(join(directory, "one", "run"), 0o755);
    expect((await packageOf(context, join(directory, "one"))).sha256).not.toBe(plain.sha256);
  });

  it("is refused when it holds no files", async () => {
    await mkdir(join(directory, "empty", "below"), { recursive: true });
    await expect(packageOf(context, join(directory, "empty"))).rejects.toMatchObject({
      code: "path_empty",
      exit: 2,
    });
  });

  it("leaves no temporary file once the command ends", async () => {
    const packed = await packageOf(context, await writeTree(join(directory, "mine"), { a: "a" }));
    for (const cleanup of cleanups.splice(0)) await cleanup();
    await expect(readdir(join(packed.path, ".."))).rejects.toThrow("ENOENT");
  });
});

it("puts a single file alone into a zip", async () => {
  await writeFile(join(directory, "predictions.csv"), "1\n");
  const packed = await packageOf(context, join(directory, "predictions.csv"));
  expect(packed.filename).toBe("predictions.csv.zip");
  expect(await pathsIn(packed.path)).toEqual(["predictions.csv"]);
});

describe("a zip", () => {
  it("is sent as it is", async () => {
    const packed = await packageOf(context, await writeTree(join(directory, "mine"), { a: "a" }));
    await writeFile(join(directory, "given.ZIP"), await readFile(packed.path));
    const given = await packageOf(context, join(directory, "given.ZIP"));
    expect(given).toMatchObject({
      path: join(directory, "given.ZIP"),
      filename: "given.ZIP",
      sha256: packed.sha256,
    });
  });

  it("is refused when it is none, before anything is sent", async () => {
    await writeFile(join(directory, "no.zip"), "hello");
    await expect(packageOf(context, join(directory, "no.zip"))).rejects.toMatchObject({
      code: "not_a_zip",
      exit: 2,
    });
    await writeFile(join(directory, "nothing.zip"), "");
    await expect(packageOf(context, join(directory, "nothing.zip"))).rejects.toMatchObject({
      code: "not_a_zip",
    });
  });

  it("is refused when it is larger than one upload may be, without being read", async () => {
    await writeFile(join(directory, "huge.zip"), "PK\u0003\u0004");
    await truncate(join(directory, "huge.zip"), maxUploadBytes + 1);
    await expect(packageOf(context, join(directory, "huge.zip"))).rejects.toMatchObject({
      code: "too_large",
    });
  });
});

it("is refused when nothing is there", async () => {
  await expect(packageOf(context, join(directory, "nope"))).rejects.toMatchObject({
    code: "path_not_found",
    exit: 2,
  });
});

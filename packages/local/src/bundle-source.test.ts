import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readBytes } from "@benchgen/core/bundle/byte-source.ts";
import { NotFound } from "@benchgen/core/error.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { directoryTree, fileSource } from "./bundle-source.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bundle-source-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

test("a directory's tree has its files, without version control and junk", async () => {
  write("competition.yaml", "title: x");
  write("scoring/run.sh", "true");
  chmodSync(join(root, "scoring/run.sh"), 0o755);
  write(".git/config", "x");
  write("__MACOSX/._a", "x");
  write("scoring/.DS_Store", "x");
  mkdirSync(join(root, "empty"));
  const tree = await directoryTree(root);
  expect([...tree.files].map(([path, { size, executable }]) => [path, size, executable])).toEqual([
    ["competition.yaml", 8, false],
    ["scoring/run.sh", 4, true],
  ]);
  expect([...tree.emptyDirectories!]).toEqual(["empty"]);
});

test("files are read whole and by range", async () => {
  write("a.txt", "0123456789");
  const tree = await directoryTree(root);
  const source = await tree.source!("a.txt");
  expect(Buffer.from(await readBytes(source!, 2, 5)).toString()).toBe("234");
  expect(Buffer.from(await readBytes(source!, 4, 4)).toString()).toBe("");
});

test("a link inside the directory is followed to its file; any other is refused", async () => {
  write("data/a.txt", "hello");
  symlinkSync("data/a.txt", join(root, "link.txt"));
  expect((await directoryTree(root)).files.get("link.txt")?.size).toBe(5);
  symlinkSync("/etc/hostname", join(root, "outside"));
  symlinkSync("data", join(root, "folder"));
  const { files, problems } = await directoryTree(root);
  expect(problems?.map(({ code, message }) => [code, message])).toEqual([
    ["bundle.special_file", '"folder" links to a directory.'],
    ["bundle.special_file", '"outside" links to something outside of the bundle.'],
  ]);
  expect([...files.keys()].sort()).toEqual(["data/a.txt", "link.txt"]);
});

test("names that differ only in case are refused, as in the zip the directory is packed into", async () => {
  write("data/A.txt", "1");
  write("data/a.txt", "2");
  expect((await directoryTree(root)).problems).toMatchObject([{ code: "zip.duplicate_path" }]);
});

test.runIf(process.platform === "linux")("a name that is not UTF-8 is among the problems", async () => {
  write("data/a.txt", "1");
  writeFileSync(Buffer.concat([Buffer.from(`${root}/data/`), Buffer.from([0xff, 0x62])]), "x");
  const { files, problems } = await directoryTree(root);
  expect(problems).toMatchObject([{ code: "zip.unsafe_path", hint: expect.stringMatching(/plain letters/) }]);
  expect([...files.keys()]).toEqual(["data/a.txt"]);
});

test("what is not there, or no file, is an error that says so", async () => {
  await expect(directoryTree(join(root, "none"))).rejects.toBeInstanceOf(NotFound);
  await expect(fileSource(join(root, "none"))).rejects.toBeInstanceOf(NotFound);
  await expect(fileSource(root)).rejects.toMatchObject({ code: "not_a_file" });
});

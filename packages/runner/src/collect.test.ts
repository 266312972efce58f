import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesSource, collect as bytesOf } from "@benchgen/core/bundle/byte-source.ts";
import { openZip } from "@benchgen/core/bundle/zip-archive.ts";
import { writeZip } from "@benchgen/core/bundle/zip-writer.ts";
import { afterEach, expect, test } from "vitest";
import { collect } from "./collect.ts";

const made: string[] = [];
afterEach(() => made.splice(0).forEach((path) => rmSync(path, { recursive: true, force: true })));

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "benchgen-collect-"));
  made.push(path);
  return path;
}

test("a directory without files is kept, as long as nothing is in it", async () => {
  const root = directory();
  mkdirSync(join(root, "figures/none"), { recursive: true });
  mkdirSync(join(root, "plots"));
  writeFileSync(join(root, "plots/one.txt"), "1");
  const { members, skipped } = await collect(root, 1000);
  expect(members.map(({ path }) => path).sort()).toEqual(["figures/none/", "plots/one.txt"]);
  expect(skipped).toEqual([]);
  const zip = await openZip(bytesSource(await bytesOf(writeZip(members), 10_000)));
  expect(zip.entries.map(({ path, kind }) => ({ path, kind }))).toEqual([
    { path: "figures/none", kind: "directory" },
    { path: "plots/one.txt", kind: "file" },
  ]);
});

test("links are named and not followed; the largest size ends the walk with a reason", async () => {
  const root = directory();
  symlinkSync("/etc/hostname", join(root, "link"));
  expect(await collect(root, 1000)).toMatchObject({ members: [], skipped: ["link (a link)"] });
  writeFileSync(join(root, "large"), "x".repeat(2000));
  expect((await collect(root, 1000)).excess).toContain("large");
});

import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeDirectory, makePrivateDirectory } from "./directory.ts";

it("makes what is missing above, for its owner only, and leaves what is there", async () => {
  const root = mkdtempSync(join(tmpdir(), "benchgen-directory-"));
  await makePrivateDirectory(join(root, "a", "b"));
  await makePrivateDirectory(join(root, "a", "b"));
  expect(statSync(join(root, "a", "b")).mode & 0o777).toBe(0o700);
  rmSync(root, { recursive: true });
});

it("refuses a path that is a file, or leads through one", async () => {
  const root = mkdtempSync(join(tmpdir(), "benchgen-directory-"));
  const file = join(root, "file");
  writeFileSync(file, "");
  for (const path of [file, join(file, "below")]) {
    await expect(makeDirectory(path)).rejects.toMatchObject({ code: "ENOTDIR" });
  }
  rmSync(root, { recursive: true });
});

it.runIf(existsSync("/proc/self"))("ends where nothing can be made", async () => {
  await expect(makePrivateDirectory("/proc/benchgen/home")).rejects.toThrow(/ENOENT/);
});

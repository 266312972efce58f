import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { binary, runCommand } from "../support/command.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-bin-"));
});
afterEach(() => rm(home, { recursive: true }));

/** Makes this Node take itself for an older one. The one it starts takes itself for what it is. */
const asNode20 = [
  "--import",
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})',
];

describe("started by a Node that is too old", () => {
  it("goes on with the one it brings", async () => {
    const result = await runCommand(["--version"], { home, nodeOptions: asNode20 });
    expect(result).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: "" });
  });

  it("exits as that one exits, and passes its words on unchanged", async () => {
    const words = ["validate", "/no where/$HOME'\"", "--json"];
    const result = await runCommand(words, { home, nodeOptions: asNode20 });
    expect(result.code).toBe(2);
    expect(result.records.at(-1)).toMatchObject({ message: expect.stringContaining("/no where/$HOME'\"") });
  });

  it.each([
    ["nothing is installed", undefined, "npm ci --omit=dev"],
    ["install scripts were ignored", '{"name":"node"}', "npm rebuild node --ignore-scripts=false"],
  ])("says what to type when %s", async (_why, packageFile, command) => {
    await installAlone(packageFile);
    const alone = join(home, "packages", "cli", "bin", "benchgen.js");
    const failed = await promisify(execFile)(process.execPath, [...asNode20, alone]).catch(
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining(command) });
    expect(failed).toMatchObject({
      stderr: expect.stringContaining("needs Node 24 or newer, and this is Node 20.1.0"),
    });
  });
});

it("says what to type when its dependencies are missing", async () => {
  await installAlone(undefined);
  const alone = join(home, "packages", "cli", "bin", "benchgen.js");
  const failed = await promisify(execFile)(process.execPath, [alone]).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining("npm ci --omit=dev") });
});

/** The command's own file, in a repository where nothing else is. */
async function installAlone(nodePackage: string | undefined): Promise<void> {
  await cp(dirname(binary), join(home, "packages", "cli", "bin"), { recursive: true });
  await writeFile(join(home, "packages", "cli", "package.json"), '{"type":"module"}');
  if (nodePackage === undefined) return;
  await mkdir(join(home, "node_modules", "node"), { recursive: true });
  await writeFile(join(home, "node_modules", "node", "package.json"), nodePackage);
}

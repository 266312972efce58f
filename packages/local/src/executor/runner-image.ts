/**
 * The image of our own containers on one machine, from the sources as they lie here: what builds the one for Fargate
 * (packages/runner/build.ts) is not installed where benchgen is only used.
 */
import { createHash } from "node:crypto";
import { cp, lstat, mkdir, readFile, readdir, realpath, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PlatformFault } from "@benchgen/core/error.ts";
import { importNodeImage } from "./node-image.ts";
import { runTool } from "./tool.ts";

const inside = "/benchgen";
const repository = "benchgen-runner";

/**
 * Makes sure the image exists, and returns its name, whose tag is a hash of everything in it. Linux only: elsewhere the
 * Node at hand does not run in a container.
 * @param docker words that run docker
 * @throws PlatformFault when it cannot be made
 */
export async function ensureRunnerImage(
  docker: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<string> {
  const packages = await runnerPackages();
  const image = `${repository}:${(await contentHash(packages)).slice(0, 20)}`;
  const known = await runTool([...docker, "image", "inspect", "--format={{.Id}}", image], { environment });
  if (known.code === 0) return image;
  await importNodeImage({
    docker,
    environment,
    image,
    entry: `${inside}/packages/runner/src/main.ts`,
    fill: (root) => addPackages(root, packages),
  });
  return image;
}

interface Package {
  readonly name: string;
  readonly directory: string;
}

/** The runner, and every package it needs, each where it lies here. */
async function runnerPackages(): Promise<Package[]> {
  const found = new Map<string, Package>();
  const visit = async (name: string, from: string): Promise<void> => {
    if (found.has(name)) return;
    const directory = await packageDirectory(name, from);
    found.set(name, { name, directory });
    const text = await readFile(join(directory, "package.json"), "utf8");
    const { dependencies = {} } = JSON.parse(text) as { dependencies?: Record<string, string> };
    for (const dependency of Object.keys(dependencies)) await visit(dependency, directory);
  };
  await visit("@benchgen/runner", dirname(fileURLToPath(import.meta.url)));
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function packageDirectory(name: string, from: string): Promise<string> {
  for (const modules of createRequire(join(from, "x.js")).resolve.paths(`${name}/x`) ?? []) {
    const directory = join(modules, name);
    if ((await lstat(join(directory, "package.json")).catch(() => undefined)) !== undefined) {
      return await realpath(directory);
    }
  }
  throw new PlatformFault("runner_image", `The package ${name}, which the runner needs, is not installed.`, {
    hint: "Type: npm ci",
  });
}

/** Sources as they are; of installed packages name and version say it all. */
async function contentHash(packages: readonly Package[]): Promise<string> {
  const hash = createHash("sha256").update(`${process.version} ${process.arch}\n`);
  for (const { name, directory } of packages) {
    hash.update(`${name} ${await readFile(join(directory, "package.json"), "utf8")}\n`);
    for (const file of isOurs(name) ? await sourceFiles(join(directory, "src")) : []) {
      hash.update(`${file}\n`).update(await readFile(file));
    }
  }
  return hash.digest("hex");
}

function isOurs(name: string): boolean {
  return name.startsWith("@benchgen/");
}

async function sourceFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true });
  const files = names.filter((name) => /\.(ts|sh|json)$/.test(name) && !name.endsWith(".test.ts"));
  return files.sort().map((name) => join(directory, name));
}

async function addPackages(root: string, packages: readonly Package[]): Promise<void> {
  const modules = join(root, inside, "node_modules");
  for (const { name, directory } of packages) {
    if (!isOurs(name)) {
      await cp(directory, join(modules, name), { recursive: true });
      continue;
    }
    // Outside node_modules, where Node runs TypeScript as it is; and linked to from there.
    const own = join("packages", name.slice("@benchgen/".length));
    await cp(directory, join(root, inside, own), {
      recursive: true,
      filter: (path) => !path.endsWith("node_modules") && !path.endsWith(".test.ts"),
    });
    await mkdir(join(modules, "@benchgen"), { recursive: true });
    await symlink(join("../..", own), join(modules, name));
  }
}

/** The runner image of a deployment, made without a registry: the files its Dockerfile copies, beside the Node at hand. */
import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importNodeImage } from "@benchgen/local/executor/node-image.ts";
import { runTool, systemPath } from "@benchgen/local/executor/tool.ts";
import { buildRunner, entryFile } from "../../packages/runner/build.ts";

const environment = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:${systemPath}` };

/** Why the image cannot be made here; undefined when it can. */
export async function fargateImageMissing(): Promise<string | undefined> {
  if ((await runTool(["docker", "version"], { environment })).code !== 0) return "docker does not answer";
  if ((await runTool(["cc", "--version"], { environment })).code !== 0) return "there is no C compiler";
  return undefined;
}

/**
 * @param without files left out of it, to see what becomes of a job then
 * @returns the image's name
 */
export async function fargateImage(without: readonly string[] = []): Promise<string> {
  const built = await mkdtemp(join(tmpdir(), "benchgen-runner-"));
  try {
    await buildRunner(built);
    for (const name of without) await rm(join(built, name));
    const image = `benchgen-runner-fargate:${await hashOf(built)}`;
    const known = await runTool(["docker", "image", "inspect", image], { environment });
    if (known.code !== 0) {
      const fill = (root: string) => cp(built, join(root, "benchgen"), { recursive: true });
      await importNodeImage({
        docker: ["docker"],
        environment,
        image,
        entry: `/benchgen/${entryFile}`,
        fill,
      });
    }
    return image;
  } finally {
    await rm(built, { recursive: true });
  }
}

async function hashOf(directory: string): Promise<string> {
  const hash = createHash("sha256").update(process.version);
  for (const name of (await readdir(directory)).sort()) {
    hash.update(`${name}\n`).update(await readFile(join(directory, name)));
  }
  return hash.digest("hex").slice(0, 20);
}

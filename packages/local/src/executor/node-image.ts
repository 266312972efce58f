/** An image that holds the Node at hand and files of ours, made on the spot: no registry, no build, nothing fetched. */
import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readlink, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlatformFault } from "@benchgen/core/error.ts";
import { runTool } from "./tool.ts";

/** Where such an image has it. */
export const imageNode = "/usr/local/bin/node";

export interface NodeImage {
  /** Words that run docker. */
  readonly docker: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The image's name with its tag. */
  readonly image: string;
  /** What Node runs: a path in the image. */
  readonly entry: string;
  /** Puts files where they are to be, below a directory that becomes the image's root. */
  readonly fill: (root: string) => Promise<void>;
}

/** @throws PlatformFault `runner_image` when it cannot be made */
export async function importNodeImage({ docker, environment, image, entry, fill }: NodeImage): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "benchgen-image-"));
  try {
    await fill(root);
    await addNode(root);
    const archive = spawn("tar", ["-c", "-C", root, "--owner=0", "--group=0", "."], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [file = "", ...rest] = docker;
    const change = `--change=ENTRYPOINT ${JSON.stringify([imageNode, entry])}`;
    const load = spawn(file, [...rest, "import", change, "-", image], {
      stdio: [archive.stdout, "ignore", "pipe"],
      env: environment,
    });
    let problem = "";
    load.stderr?.on("data", (chunk: Buffer) => (problem += chunk.toString()));
    const code = await new Promise((resolve) => load.on("close", resolve).on("error", resolve));
    if (code === 0) return;
    throw new PlatformFault("runner_image", `The runner image could not be made: ${problem.trim()}.`);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function addNode(root: string): Promise<void> {
  await cp(process.execPath, join(root, imageNode), { dereference: true });
  const { stdout } = await runTool(["ldd", process.execPath]);
  for (const [library] of stdout.matchAll(/\/\S+(?= \(0x)/g)) {
    await cp(await realpath(library), join(root, library), { dereference: true });
  }
  // Where everything is in /usr and /lib is a link, libraries are found by either name.
  for (const link of ["/lib", "/lib64"]) {
    const target = await readlink(link).catch(() => undefined);
    if (target?.startsWith("usr/")) await mergeInto(root, link, target);
  }
  await mkdir(join(root, "tmp"), { recursive: true });
}

async function mergeInto(root: string, link: string, target: string): Promise<void> {
  await mkdir(join(root, target), { recursive: true });
  const here = join(root, link);
  await cp(here, join(root, target), { recursive: true }).catch(() => undefined);
  await rm(here, { recursive: true, force: true });
  await symlink(target, here);
}

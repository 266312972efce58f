import { mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "../../..");
/** What the stacks are made of. */
const parts = [
  "package.json",
  "sst.config.ts",
  "stacks",
  "stages",
  "packages",
  "node_modules",
  ".dockerignore",
];

/**
 * The project in a directory of its own, whose parts are links. SST keeps its state beside its configuration, and two
 * that work at the same time would take each other's away.
 */
export async function projectRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "benchgen-stacks-"));
  await Promise.all(parts.map((part) => symlink(join(repository, part), join(root, part))));
  return root;
}

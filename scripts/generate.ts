/**
 * Writes the files that are made from the source. With --check it writes nothing, and fails when one of them is not
 * what the source makes.
 *
 * usage: node scripts/generate.ts [--check]
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bundleSchemaFiles } from "./generated/bundle-schema.ts";
import { eventSchemaFile } from "./generated/event-schema.ts";
import type { GeneratedFile } from "./generated/file.ts";
import { openApiFile } from "./generated/openapi.ts";

const root = join(import.meta.dirname, "..");

/** Every generated file of the repository. */
const files: readonly GeneratedFile[] = [openApiFile, eventSchemaFile, ...bundleSchemaFiles];

function stored(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

const stale = files
  .map((file) => ({ path: file.path, content: file.content() }))
  .filter(({ path, content }) => stored(path) !== content);

if (process.argv.includes("--check")) {
  for (const { path } of stale) {
    console.error(`${path} is not what the source makes. Write it anew with: npm run generate`);
  }
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const { path, content } of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    console.log(`wrote ${path}`);
  }
}

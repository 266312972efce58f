/** The functions as they are deployed: one file each, made as SST makes them. */
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { bundleOptions, functionNames } from "../../../packages/functions/bundle.ts";

/** Bundles every function into the directory. */
export async function bundleFunctions(directory: string): Promise<void> {
  const sources = functionNames.map((name) =>
    fileURLToPath(new URL(`../../../packages/functions/src/${name}.ts`, import.meta.url)),
  );
  // All at once: what they share is parsed once. Not split: they would share files, and what those remember.
  const all = { entryPoints: sources, outdir: directory, splitting: false, logLevel: "warning" as const };
  await build({ ...bundleOptions(""), ...all });
}

/** The module of a bundled function, as a URL. */
export function bundledModule(directory: string, name: string): string {
  return pathToFileURL(join(directory, `${name}.mjs`)).href;
}

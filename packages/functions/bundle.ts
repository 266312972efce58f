/** How the functions are bundled: read by the stacks, and by the test and the benchmark of their sizes. */
import { readFile } from "node:fs/promises";
import type { BuildOptions } from "esbuild";

/** Each is `src/<name>.ts` and exports `handler`. */
export const functionNames = [
  "validate",
  "publish",
  "plan",
  "read-ingestion",
  "read-scores",
  "record-failure",
  "merge",
  "finish",
  "sweep",
  "failed-execution",
  "api",
  "authorizer",
  "gateway",
] as const;
export type FunctionName = (typeof functionNames)[number];

/** The most a bundle may have, bytes: what is larger starts slowly. */
export const maxBundleBytes = 1_000_000;

/** What is used of it: SST brings a version of esbuild of its own, whose types differ. */
interface PluginBuild {
  onLoad(options: { filter: RegExp }, load: (file: { path: string }) => Promise<{ contents: string }>): void;
}

/**
 * Hono's OpenAPI gives another library the whole of zod, of which that one extends a single class: messages in fifty
 * languages and all else that is never used, 440 KB.
 */
const zodInPart = {
  name: "zod-in-part",
  setup(build: PluginBuild) {
    build.onLoad({ filter: /[/\\]@hono[/\\]zod-openapi[/\\]dist[/\\]index\.mjs$/ }, async ({ path }) => {
      const whole = await readFile(path, "utf8");
      const contents = whole
        .replace('import { z } from "zod";', 'import * as z from "zod";')
        .replace("extendZodWithOpenApi(z);", "extendZodWithOpenApi({ ZodType: z.ZodType });");
      return { contents };
    });
  },
};

/**
 * What differs from the options that SST gives esbuild for a function: a member `esbuild` of its `nodejs`. The SDK is
 * in the bundle: the one that Lambda brings is slower to load, and of a version nobody chose.
 */
export const esbuildOverride = {
  target: "node24",
  // Of ours, every error says its name itself. 60 KB.
  keepNames: false,
  alias: {
    "@aws-sdk/credential-provider-node": "@benchgen/aws/function-credentials.ts",
    bluebird: "@benchgen/functions/stand-in/bluebird.ts",
    "fs-extra": "@benchgen/functions/stand-in/nothing.ts",
    // For Node before version 8.
    "readable-stream": "node:stream",
  },
  plugins: [zodInPart],
};

/** The property `nodejs` of SST's functions. */
export const nodejs = { format: "esm", minify: true, esbuild: esbuildOverride } as const;

/**
 * One function as SST bundles it (`runtime/handlers/node.js` of its package): libraries that are no modules ask for
 * their parts by `require`, which a module does not have.
 */
export function bundleOptions(entryPoint: string): BuildOptions {
  return {
    entryPoints: [entryPoint],
    platform: "node",
    bundle: true,
    format: nodejs.format,
    minify: nodejs.minify,
    mainFields: ["module", "main"],
    banner: {
      js: [
        "import { createRequire as topLevelCreateRequire } from 'module';",
        "const require = topLevelCreateRequire(import.meta.url);",
      ].join("\n"),
    },
    ...esbuildOverride,
  };
}

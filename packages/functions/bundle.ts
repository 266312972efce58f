/** How the functions are bundled: read by the stacks, and by the test and the benchmark of their sizes. */
import { readFile } from "node:fs/promises";
import type { BuildOptions, Metafile } from "esbuild";

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
  "prune",
  "failed-execution",
  "progress",
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
 * The SDK names the members of its schemas by constants, `{ [_h]: … }`. A computed name might do anything when it is
 * made, so esbuild keeps the schemas of all operations of a service: of S3 45 KB that nobody asks for. With the names
 * themselves in place it sees which are used.
 */
const plainSchemas = {
  name: "plain-schemas",
  setup(build: PluginBuild) {
    build.onLoad(
      { filter: /[/\\]client-[a-z0-9-]+[/\\]dist-es[/\\]schemas[/\\]\w+\.js$/ },
      async ({ path }) => {
        const whole = await readFile(path, "utf8");
        const texts = new Map(
          [...whole.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name, text]) => [name!, text!]),
        );
        const contents = whole.replaceAll(/\[(\w+)\]:/g, (member, name: string) => {
          const text = texts.get(name);
          return text === undefined ? member : `${text}:`;
        });
        return { contents };
      },
    );
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
    // Reads the names of browsers.
    bowser: "@benchgen/functions/stand-in/nothing.ts",
    "fs-extra": "@benchgen/functions/stand-in/nothing.ts",
    // For Node before version 8.
    "readable-stream": "node:stream",
  },
  plugins: [zodInPart, plainSchemas],
};

/**
 * The property `nodejs` of SST's functions. What is imported when it is first needed, by `import()`, stands in a file of
 * its own, which a cold start does not read.
 */
export const nodejs = { format: "esm", minify: true, splitting: true, esbuild: esbuildOverride } as const;

/**
 * One function as SST bundles it (`runtime/handlers/node.js` of its package): libraries that are no modules ask for
 * their parts by `require`, which a module does not have. Whoever writes the files says where: `outdir`.
 */
export function bundleOptions(entryPoint: string): BuildOptions {
  return {
    entryPoints: [entryPoint],
    platform: "node",
    bundle: true,
    format: nodejs.format,
    minify: nodejs.minify,
    splitting: nodejs.splitting,
    outExtension: { ".js": ".mjs" },
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

/** Of the files of a bundle, those that a cold start reads: the first, and all that is imported from the start. Pure. */
export function filesAtStart(outputs: Metafile["outputs"], first: string): string[] {
  const files = new Set([first]);
  // What is added while it is walked through is walked through as well.
  for (const file of files) {
    for (const { kind, path } of outputs[file]!.imports) {
      if (kind === "import-statement" && path in outputs) files.add(path);
    }
  }
  return [...files];
}

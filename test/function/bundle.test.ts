import { type BuildOptions, type Metafile, build } from "esbuild";
import { expect, it } from "vitest";
import type { bytesSource } from "@benchgen/core/bundle/byte-source.ts";
import { zipBytes } from "@benchgen/core/bundle/fixture.ts";
import type { openZip } from "@benchgen/core/bundle/zip-archive.ts";
import type { PlatformFault } from "@benchgen/core/error.ts";
import {
  type FunctionName,
  bundleOptions,
  filesAtStart,
  functionNames,
  maxBundleBytes,
} from "../../packages/functions/bundle.ts";

const records = ["dynamodb", "s3"];
const ending = [...records, "ecs", "eventbridge", "sfn"];

/** The clients of AWS that a function's work takes. */
const clientsOf: Readonly<Record<FunctionName, readonly string[]>> = {
  validate: [...records, "eventbridge"],
  publish: [...records, "eventbridge", "sfn"],
  plan: [...records, "ecs", "eventbridge"],
  "read-ingestion": records,
  "read-scores": records,
  "record-failure": ["dynamodb"],
  merge: records,
  finish: ending,
  sweep: ending,
  prune: records,
  "failed-execution": ending,
  progress: ["dynamodb", "ecs", "eventbridge"],
  api: [...ending, "cloudwatch-logs", "secrets-manager"],
  authorizer: ["dynamodb"],
  gateway: ["dynamodb", "eventbridge", "secrets-manager"],
};

type Output = Metafile["outputs"][string];

/** The files of a bundle by path; the first is made of the entry point, or of `stdin`, and named after it. */
async function bundle(
  name: string,
  options: BuildOptions,
): Promise<{ outputs: Metafile["outputs"]; first: string; text: string }> {
  const memory = { outdir: "out", write: false, metafile: true, logLevel: "silent" } as const;
  const { metafile, outputFiles } = await build({ ...options, ...memory });
  const first = `out/${name}.mjs`;
  const { text } = outputFiles.find(({ path }) => path.endsWith(first))!;
  return { outputs: metafile.outputs, first, text };
}

function bundleOf(name: FunctionName): ReturnType<typeof bundle> {
  return bundle(name, bundleOptions(`packages/functions/src/${name}.ts`));
}

function clientsIn(outputs: readonly Output[]): string[] {
  const used = outputs
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const names = used.flatMap(([path]) => /@aws-sdk\/client-([a-z0-9-]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(names)].sort();
}

it.each(functionNames)(
  "%s is below 1 MB, exports its handler, and holds the clients it uses and no other",
  async (name) => {
    const { outputs, first } = await bundleOf(name);
    const all = Object.values(outputs);
    expect(all.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(maxBundleBytes);
    expect(outputs[first]!.exports).toEqual(["handler"]);
    expect(clientsIn(all)).toEqual([...clientsOf[name]].sort());
    const outside = all.flatMap(({ imports }) => imports.filter(({ external }) => external === true));
    expect(outside.filter(({ path }) => !path.startsWith("node:") && !isBuiltin(path))).toEqual([]);
  },
);

it("api begins without what few requests need", async () => {
  const { outputs, first } = await bundleOf("api");
  const held = filesAtStart(outputs, first).flatMap((path) => Object.keys(outputs[path]!.inputs));
  expect(held.filter((path) => /node_modules\/(jstat|unzipper)\//.test(path))).toEqual([]);
});

function isBuiltin(path: string): boolean {
  return process.getBuiltinModule(path) !== undefined;
}

/** Runs a piece of source that is bundled like a function. */
async function bundled<T>(source: string): Promise<T> {
  const { entryPoints: _, ...options } = bundleOptions("");
  const stdin = { contents: source, resolveDir: import.meta.dirname };
  const { text } = await bundle("stdin", { ...options, stdin });
  // In a file's place: `createRequire` takes no data URL.
  const code = text.replaceAll("import.meta.url", JSON.stringify(import.meta.url));
  return (await import(`data:text/javascript;base64,${Buffer.from(code).toString("base64")}`)) as T;
}

it("errors keep the names that the state machine matches on", async () => {
  const errors = await bundled<{ PlatformFault: typeof PlatformFault }>(
    'export { PlatformFault } from "@benchgen/core/error.ts";',
  );
  expect(new errors.PlatformFault("code", "message").name).toBe("PlatformFault");
});

it("zips are read with the stand-ins for what unzipper takes along", async () => {
  const reader = await bundled<{ openZip: typeof openZip; bytesSource: typeof bytesSource }>(
    'export * from "@benchgen/core/bundle/zip-archive.ts"; export * from "@benchgen/core/bundle/byte-source.ts";',
  );
  const zip = await zipBytes({ "competition.yaml": "title: T", "data/b.csv": "1" });
  const { entries } = await reader.openZip(reader.bytesSource(zip));
  expect([...entries].map(({ path }) => path).sort()).toEqual(["competition.yaml", "data/b.csv"]);
});

import { type BuildOptions, type Metafile, build } from "esbuild";
import { expect, it } from "vitest";
import type { bytesSource } from "@benchgen/core/bundle/byte-source.ts";
import { zipBytes } from "@benchgen/core/bundle/fixture.ts";
import type { openZip } from "@benchgen/core/bundle/zip-archive.ts";
import type { PlatformFault } from "@benchgen/core/error.ts";
import {
  type FunctionName,
  bundleOptions,
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
  "failed-execution": ending,
  api: [...ending, "cloudwatch-logs", "secrets-manager"],
  authorizer: ["dynamodb"],
  gateway: ["dynamodb", "secrets-manager"],
};

type Output = Metafile["outputs"][string];

async function bundle(options: BuildOptions): Promise<{ output: Output; text: string }> {
  const { metafile, outputFiles } = await build({
    ...options,
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  return { output: Object.values(metafile.outputs)[0]!, text: outputFiles[0]!.text };
}

function clientsIn(output: Output): string[] {
  const used = Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const names = used.flatMap(([path]) => /@aws-sdk\/client-([a-z0-9-]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(names)].sort();
}

it.each(functionNames)(
  "%s is below 1 MB, exports its handler, and holds the clients it uses and no other",
  async (name) => {
    const entry = new URL(`../../packages/functions/src/${name}.ts`, import.meta.url).pathname;
    const { output } = await bundle(bundleOptions(entry));
    expect(output.bytes).toBeLessThan(maxBundleBytes);
    expect(output.exports).toEqual(["handler"]);
    expect(clientsIn(output)).toEqual([...clientsOf[name]].sort());
    expect(output.imports.filter(({ path }) => !path.startsWith("node:") && !isBuiltin(path))).toEqual([]);
  },
);

function isBuiltin(path: string): boolean {
  return process.getBuiltinModule(path) !== undefined;
}

/** Runs a piece of source that is bundled like a function. */
async function bundled<T>(source: string): Promise<T> {
  const { entryPoints: _, ...options } = bundleOptions("");
  const stdin = { contents: source, resolveDir: import.meta.dirname };
  const { text } = await bundle({ ...options, stdin });
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

/**
 * The functions of a deployment: how large each is, and how long a fresh process takes to import it. The yardstick is
 * the smallest function that asks DynamoDB for anything: its client, bundled and nothing else. It is measured in turns
 * with them, so that a busy moment of the machine falls on all alike, and ratios hold where times do not.
 * Run with `node bench/function-size.ts`.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { bundleOptions, filesAtStart, functionNames } from "../packages/functions/bundle.ts";
import { median } from "./bare.ts";

const rounds = 15;
const root = new URL("..", import.meta.url).pathname;

const yardstick = `
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
const client = new DynamoDBClient({ region: "us-east-1" });
export const handler = (Key) => client.send(new GetItemCommand({ TableName: "table", Key }));
`;

/** Milliseconds, as the process itself measures them: without the start of Node. */
function importMs(file: string): number {
  // Handlers that stream ask Lambda's own runtime for this.
  const script = `globalThis.awslambda = { streamifyResponse: (handler) => handler };
    const start = performance.now(); await import(${JSON.stringify(file)});
    process.stdout.write(String(performance.now() - start));`;
  return Number(execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" }));
}

interface Measured {
  readonly name: string;
  readonly file: string;
  /** Bytes of all its files, and of those that a cold start reads. */
  readonly size: number;
  readonly sizeAtStart: number;
  readonly times: number[];
}

async function bundle(name: string, options: BuildOptions, outdir: string): Promise<Measured> {
  const { metafile } = await build({ ...options, outdir, metafile: true, logLevel: "silent" });
  const { outputs } = metafile;
  const file = join(outdir, `${name}.mjs`);
  const sizeOf = (paths: string[]): number => paths.reduce((sum, path) => sum + outputs[path]!.bytes, 0);
  const sizeAtStart = sizeOf(filesAtStart(outputs, relative(process.cwd(), file)));
  return { name, file, size: sizeOf(Object.keys(outputs)), sizeAtStart, times: [] };
}

const directory = mkdtempSync(join(tmpdir(), "benchgen-bench-"));
try {
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  const bare = join(directory, "bare.ts");
  writeFileSync(bare, yardstick);
  const yard = await bundle(
    "bare",
    { ...bundleOptions(bare), splitting: false, alias: {}, plugins: [] },
    join(directory, "bare"),
  );
  const functions: Measured[] = [];
  for (const name of functionNames) {
    const source = join(root, "packages", "functions", "src", `${name}.ts`);
    functions.push(await bundle(name, bundleOptions(source), join(directory, name)));
  }
  const load = loadavg()[0]!.toFixed(1);
  const all = [yard, ...functions];
  for (let round = 0; round < rounds; round++) for (const { file, times } of all) times.push(importMs(file));
  console.log(`${rounds} rounds; load at the start ${load} on ${availableParallelism()} cores\n`);
  console.log("| function | KB | at the start | fastest, ms | ratio | median, ms | ratio |");
  console.log("|---|--:|--:|--:|--:|--:|--:|");
  for (const { name, size, sizeAtStart, times } of all) {
    const [fastest, middle] = [Math.min(...times), median(times)];
    const sizes = [size, sizeAtStart].map((bytes) => Math.round(bytes / 1000));
    const ofFastest = (fastest / Math.min(...yard.times)).toFixed(2);
    const ofMedian = (middle / median(yard.times)).toFixed(2);
    const cells = [name, ...sizes, fastest.toFixed(0), ofFastest, middle.toFixed(0), ofMedian];
    console.log(`| ${cells.join(" | ")} |`);
  }
} finally {
  rmSync(directory, { recursive: true });
}

/**
 * The functions of a deployment: how large each is, and how long a fresh process takes to import it. The yardstick is
 * the smallest function that asks DynamoDB for anything: its client, bundled and nothing else.
 * Run with `node bench/function-size.ts`.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { bundleOptions, functionNames } from "../packages/functions/bundle.ts";

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

const directory = mkdtempSync(join(tmpdir(), "benchgen-bench-"));
try {
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  const bare = join(directory, "bare.ts");
  writeFileSync(bare, yardstick);
  const entries = [
    { name: "bare DynamoDB client", options: { ...bundleOptions(bare), alias: {}, plugins: [] } },
    ...functionNames.map((name) => ({
      name,
      options: bundleOptions(join(root, "packages", "functions", "src", `${name}.ts`)),
    })),
  ];
  const files: { name: string; file: string; times: number[] }[] = [];
  for (const [index, { name, options }] of entries.entries()) {
    const file = join(directory, `${index}.mjs`);
    await build({ ...options, outfile: file, logLevel: "silent" });
    files.push({ name, file, times: [] });
  }
  // In turns, so that a busy moment of the machine falls on all alike.
  for (let round = 0; round < rounds; round++)
    for (const { file, times } of files) times.push(importMs(file));
  const rows = files.map(({ name, file, times }) => ({
    name,
    kilobytes: Math.round(statSync(file).size / 1000),
    // The fastest: everything else of what is measured is what the machine did besides.
    ms: Math.min(...times),
  }));
  console.log("| function | KB | ratio | cold import, ms | ratio |\n|---|---|---|---|---|");
  for (const { name, kilobytes, ms } of rows) {
    const ratios = [kilobytes / rows[0]!.kilobytes, ms / rows[0]!.ms].map((ratio) => ratio.toFixed(2));
    console.log(`| ${name} | ${kilobytes} | ${ratios[0]} | ${ms.toFixed(0)} | ${ratios[1]} |`);
  }
} finally {
  rmSync(directory, { recursive: true });
}

/**
 * What it takes to compare runs of many cases, two and six of them, against reading the same two runs' summaries and
 * JSON.parse of each line: `node bench/compare-runs.ts [CASES]`. Each is measured in a process of its own, as a function
 * on Lambda would do it; the numbers are in docs/benchmarks.md.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunCases } from "@benchgen/core/case/list.ts";
import { compareCases } from "@benchgen/core/compare/compare.ts";
import type { Blobs } from "@benchgen/core/ports.ts";
import { median, runBare, secondsOf } from "./bare.ts";
import { asComparable, openBlobs, parseSummaries, storeRuns } from "./many-cases.ts";

const runCount = 6;
const rounds = 5;

/** By name: what is measured. */
const works: Readonly<Record<string, (blobs: Blobs, runs: readonly RunCases[]) => Promise<unknown>>> = {
  "JSON.parse of two runs' summaries": async (blobs, runs) => parseSummaries(blobs, runs.slice(0, 2)),
  "two runs compared": async (blobs, [first, other]) =>
    compareCases({ blobs }, [asComparable(first!, 0), asComparable(other!, 1)]),
  "six runs compared": async (blobs, [first, ...others]) =>
    compareCases({ blobs }, [asComparable(first!, 0), ...others.map(asComparable)]),
};

/** In this process: prints seconds and the most memory it had. */
async function measure(dir: string, name: string): Promise<void> {
  const runs = JSON.parse(readFileSync(join(dir, "runs.json"), "utf8")) as RunCases[];
  const { blobs, close } = openBlobs(dir);
  const seconds = await secondsOf(async () => works[name]?.(blobs, runs));
  close();
  console.log(JSON.stringify({ seconds, mb: process.resourceUsage().maxRSS / 1000 }));
}

async function measureAll(cases: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "benchgen-"));
  try {
    writeFileSync(join(dir, "runs.json"), JSON.stringify(await storeRuns(dir, runCount, cases)));
    const names = Object.keys(works);
    const measured = names.map((): { seconds: number; mb: number }[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [which, name] of names.entries()) {
        const printed = await runBare(process.execPath, [import.meta.filename, "--measure", dir, name]);
        measured[which]!.push(JSON.parse(printed) as { seconds: number; mb: number });
      }
    }
    console.log(`| ${cases.toLocaleString("en")} cases a run | seconds | times JSON.parse | peak memory |`);
    console.log("|---|--:|--:|--:|");
    const seconds = measured.map((own) => median(own.map((each) => each.seconds)));
    for (const [which, name] of names.entries()) {
      const mb = median(measured[which]!.map((each) => each.mb));
      const ratio = (seconds[which]! / seconds[0]!).toFixed(2);
      console.log(`| ${name} | ${seconds[which]!.toFixed(2)} | ${ratio} | ${mb.toFixed(0)} MB |`);
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const [word = "200000", dir, name] = process.argv.slice(2);
await (word === "--measure" ? measure(dir!, name!) : measureAll(Number(word)));

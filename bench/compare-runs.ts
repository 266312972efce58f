/**
 * What it takes to compare runs of many cases, two and six of them, against reading the same two runs' summaries and
 * JSON.parse of each line: `node bench/compare-runs.ts [CASES]`. Each is measured in a process of its own, as a function
 * on Lambda would do it; the numbers are in docs/benchmarks.md.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunCases } from "@benchgen/core/case/list.ts";
import { storeCases } from "@benchgen/core/case/store.ts";
import { type ComparableRun, compareCases } from "@benchgen/core/compare/compare.ts";
import type { Blobs } from "@benchgen/core/ports.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import { createBlobs } from "@benchgen/local/blob/blobs.ts";
import { systemClock } from "@benchgen/local/clock.ts";
import { openDataDirectory } from "@benchgen/local/data-directory.ts";
import { median, runBare, secondsOf } from "./bare.ts";

const runCount = 6;
const rounds = 5;

/** Of some 0.8 KB: a question, its answer, three scores, latency, tokens and cost; which pass differs between runs. */
function caseOf(number: number, run: number): object {
  const mixed = Math.imul(number * 31 + run * (number % 13), 0x9e3779b1) >>> 0;
  const words = Array.from({ length: 90 }, (_, i) => `w${((number + 1) * (i + 7) * 7919) % 9973}`);
  return {
    id: `question-${number}`,
    input: words.join(" "),
    target: "forty-two",
    output: mixed % 9 > 2 ? "forty-two" : "no idea",
    passed: mixed % 9 > 2,
    score: (mixed % 101) / 100,
    scores: { bleu: (mixed % 997) / 997, rouge: (mixed % 499) / 499 },
    latency_ms: 100 + (mixed % 777),
    usage: { input_tokens: 300 + (number % 50), output_tokens: 20 + (mixed % 9) },
    cost_usd: 0.0003 + (mixed % 7) * 1e-5,
  };
}

async function* linesOf(cases: number, run: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < cases; from += 100) {
    const chunk = Array.from({ length: Math.min(100, cases - from) }, (_, i) => caseOf(from + i, run));
    yield Buffer.from(chunk.map((each) => `${JSON.stringify(each)}\n`).join(""));
  }
}

function openBlobs(dir: string): { blobs: Blobs; close: () => void } {
  const data = openDataDirectory(dir);
  const warn = (message: string) => {
    throw new Error(message);
  };
  const secret = data.secretFor("blob-url");
  const blobs = createBlobs({ ...data, clock: systemClock, warn, secret, baseUrl: () => "http://localhost" });
  return { blobs, close: () => data.close() };
}

async function storeRuns(dir: string, cases: number): Promise<readonly RunCases[]> {
  const { blobs, close } = openBlobs(dir);
  const runs: RunCases[] = [];
  for (let run = 0; run < runCount; run++) {
    const id: RunId = `run_${String(run).padStart(26, "0")}`;
    await blobs.put(blobKey.results(id, 0), linesOf(cases, run));
    runs.push({
      id,
      tasks: [{ index: 0, directory: await storeCases({ blobs }, { runId: id, taskIndex: 0 }) }],
    });
  }
  close();
  return runs;
}

function asComparable({ id, tasks }: RunCases, position: number): ComparableRun {
  const shown = { id, name: "", environment: "", environmentVersion: 1, status: "succeeded" as const };
  return { shown: { label: String(position), ...shown }, cases: { id, tasks }, notes: [] };
}

/** By name: what is measured. */
const works: Readonly<Record<string, (blobs: Blobs, runs: readonly RunCases[]) => Promise<unknown>>> = {
  "JSON.parse of two runs' summaries": async (blobs, runs) => {
    for (const { id } of runs.slice(0, 2)) {
      const bytes = await blobs.get(blobKey.cases(id, 0, "summary.jsonl"));
      const lines = Buffer.from(bytes ?? [])
        .toString()
        .trimEnd()
        .split("\n");
      for (const line of lines) JSON.parse(line);
    }
  },
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
    writeFileSync(join(dir, "runs.json"), JSON.stringify(await storeRuns(dir, cases)));
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

/**
 * How long whoever else asks a server must wait while it works on a run of many cases: the longest time in which its thread
 * does nothing else, against JSON.parse of the same run's summaries in one go. `node bench/stall.ts [CASES]`; the numbers
 * are in docs/benchmarks.md.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { RunCases } from "@benchgen/core/case/list.ts";
import { storeCases } from "@benchgen/core/case/store.ts";
import { compareCases } from "@benchgen/core/compare/compare.ts";
import { caseFormats, formatCases } from "@benchgen/core/export/format.ts";
import { wholeCases } from "@benchgen/core/export/whole-case.ts";
import type { Blobs } from "@benchgen/core/ports.ts";
import { tallyRun } from "@benchgen/core/report/store.ts";
import { median, runBare, secondsOf } from "./bare.ts";
import { asComparable, openBlobs, parseSummaries, storeRuns } from "./many-cases.ts";

const rounds = 3;

function asReported({ id: runId, tasks }: RunCases) {
  const named = tasks.map((task) => ({ ...task, name: "Only" }));
  return { runId, name: "", environment: "", environmentVersion: 1, tasks: named };
}

/** By name: what is measured, first what it is measured against. */
const works: Readonly<Record<string, (blobs: Blobs, runs: readonly RunCases[]) => Promise<unknown>>> = {
  "JSON.parse of one run's summaries": async (blobs, [run]) => parseSummaries(blobs, [run!]),
  "a run's cases stored": async (blobs, [run]) => storeCases({ blobs }, { runId: run!.id, taskIndex: 0 }),
  "its report made": async (blobs, [run]) => tallyRun({ blobs }, asReported(run!)),
  "its report, resampled": async (blobs, [run]) => tallyRun({ blobs }, asReported(run!), 1),
  "its cases exported": async (blobs, [run]) => {
    const from = { environment: "", version: 1, run: run!.id };
    for await (const _ of formatCases(wholeCases(blobs, run!, {}), caseFormats.jsonl, from));
  },
  "two runs compared": async (blobs, [first, other]) =>
    compareCases({ blobs }, [asComparable(first!, 0), asComparable(other!, 1)]),
};

interface Measured {
  readonly seconds: number;
  /** Milliseconds. */
  readonly stall: number;
}

/** In this process. */
async function measure(dir: string, name: string): Promise<void> {
  const runs = JSON.parse(readFileSync(join(dir, "runs.json"), "utf8")) as RunCases[];
  const { blobs, close } = openBlobs(dir);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await pause(20);
  delay.reset();
  const seconds = await secondsOf(async () => works[name]?.(blobs, runs));
  // What came last is noticed only by the next turn.
  await pause(20);
  close();
  console.log(JSON.stringify({ seconds, stall: delay.max / 1e6 } satisfies Measured));
}

async function measureAll(cases: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "benchgen-"));
  try {
    writeFileSync(join(dir, "runs.json"), JSON.stringify(await storeRuns(dir, 2, cases)));
    const names = Object.keys(works);
    const measured = names.map((): Measured[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [which, name] of names.entries()) {
        const printed = await runBare(process.execPath, [import.meta.filename, "--measure", dir, name]);
        measured[which]!.push(JSON.parse(printed) as Measured);
      }
    }
    console.log(
      `| ${cases.toLocaleString("en")} cases a run | seconds | longest stall, ms | of JSON.parse's |`,
    );
    console.log("|---|--:|--:|--:|");
    const stalls = measured.map((own) => median(own.map(({ stall }) => stall)));
    for (const [which, name] of names.entries()) {
      const seconds = median(measured[which]!.map((each) => each.seconds)).toFixed(2);
      const ratio = (stalls[which]! / stalls[0]!).toFixed(3);
      console.log(`| ${name} | ${seconds} | ${stalls[which]!.toFixed(0)} | ${ratio} |`);
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const [word = "200000", dir, name] = process.argv.slice(2);
await (word === "--measure" ? measure(dir!, name!) : measureAll(Number(word)));

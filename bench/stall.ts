/**
 * How long whoever else asks a server waits while it works on a run of many cases: the longest it goes without looking at
 * anything else, against JSON.parse of the same run's summaries in one go. `node bench/stall.ts [CASES]`; the numbers are in
 * docs/benchmarks.md. The delay of the event loop has in it what other programs took of the cores meanwhile; the CPU
 * time of the thread between two looks has not.
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
import { defaultSliceLimits, sliceOf } from "@benchgen/core/export/slice.ts";
import { wholeCases } from "@benchgen/core/export/whole-case.ts";
import type { Blobs } from "@benchgen/core/ports.ts";
import { tallyRun } from "@benchgen/core/report/store.ts";
import { systemClock } from "@benchgen/local/clock.ts";
import { median, runBare, secondsOf } from "./bare.ts";
import { asComparable, openBlobs, parseSummaries, storeRuns } from "./many-cases.ts";

const rounds = 3;

function asReported({ id: runId, tasks }: RunCases) {
  const named = tasks.map((task) => ({ ...task, name: "Only" }));
  return { runId, name: "", environment: "", environmentVersion: 1, tasks: named };
}

function exported(blobs: Blobs, run: RunCases) {
  const from = { environment: "", version: 1, run: run.id };
  return formatCases(wholeCases(blobs, run, {}), caseFormats.jsonl, from);
}

/** By name: what is measured, first what it is measured against. */
const works: Readonly<Record<string, (blobs: Blobs, runs: readonly RunCases[]) => Promise<unknown>>> = {
  "JSON.parse of one run's summaries": async (blobs, [run]) => parseSummaries(blobs, [run!]),
  "a run's cases stored": async (blobs, [run]) => storeCases({ blobs }, { runId: run!.id, taskIndex: 0 }),
  "its report made": async (blobs, [run]) => tallyRun({ blobs }, asReported(run!)),
  "its report, resampled": async (blobs, [run]) => tallyRun({ blobs }, asReported(run!), 1),
  "its cases exported": async (blobs, [run]) => {
    for await (const _ of exported(blobs, run!));
  },
  "16 MiB of its cases, as a slice": async (blobs, [run]) =>
    sliceOf(exported(blobs, run!), { ...defaultSliceLimits, maxMs: 1e6 }, systemClock),
  "two runs compared": async (blobs, [first, other]) =>
    compareCases({ blobs }, [asComparable(first!, 0), asComparable(other!, 1)]),
};

interface Measured {
  readonly seconds: number;
  /** The longest, milliseconds. */
  readonly delay: number;
  readonly computing: number;
}

/** CPU time of this thread so far, milliseconds. */
function computedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** In this process. */
async function measure(dir: string, name: string): Promise<void> {
  const runs = JSON.parse(readFileSync(join(dir, "runs.json"), "utf8")) as RunCases[];
  const { blobs, close } = openBlobs(dir);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await pause(20);
  delay.reset();
  let [before, computing] = [computedMs(), 0];
  const look = setInterval(() => {
    const now = computedMs();
    computing = Math.max(computing, now - before);
    before = now;
  }, 1);
  const seconds = await secondsOf(async () => works[name]?.(blobs, runs));
  // What came last is noticed only by the next look.
  await pause(20);
  clearInterval(look);
  close();
  console.log(JSON.stringify({ seconds, delay: delay.max / 1e6, computing } satisfies Measured));
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
      `| ${cases.toLocaleString("en")} cases a run | seconds | longest delay, ms | longest computing, ms | of JSON.parse's |`,
    );
    console.log("|---|--:|--:|--:|--:|");
    const medians = measured.map((own) => ({
      seconds: median(own.map(({ seconds }) => seconds)),
      delay: median(own.map(({ delay }) => delay)),
      computing: median(own.map(({ computing }) => computing)),
    }));
    for (const [which, { seconds, delay, computing }] of medians.entries()) {
      const ratio = (computing / medians[0]!.computing).toFixed(3);
      const cells = [names[which], seconds.toFixed(2), delay.toFixed(0), computing.toFixed(0), ratio];
      console.log(`| ${cells.join(" | ")} |`);
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const [word = "200000", dir, name] = process.argv.slice(2);
await (word === "--measure" ? measure(dir!, name!) : measureAll(Number(word)));

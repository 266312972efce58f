/**
 * A run of a hundred tasks whose programs each burn about 0.3 s of CPU, against the ideal on the cores at hand: the same
 * programs as plain processes, as many at a time as there are cores, and the sum of their CPU times over the cores.
 *
 * usage: node bench/parallel-tasks.ts [TASKS]   (about two minutes; the numbers are in docs/benchmarks.md)
 */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { bundleFiles, scored } from "../test/support/bundle.ts";
import { openPipeline } from "../test/support/pipeline.ts";
import { runBare, secondsOf, writeFiles } from "./bare.ts";

const tasks = Number(process.argv[2] ?? 100);
const cores = availableParallelism();
const wantedSeconds = 0.3;

/** Counts, and then says how much CPU that took. */
const burner = (count: number) => `i=0
while [ $i -lt ${count} ]; do i=$((i+1)); done
times`;

/** User and system time in what the shell's `times` prints of itself: `0m0.290s 0m0.000s`. */
function cpuSeconds(printed: string): number {
  const [own = ""] = printed.split("\n");
  return [...own.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + Number(m) * 60 + Number(s), 0);
}

async function calibrate(): Promise<number> {
  const trial = 2_000_000;
  const seconds = cpuSeconds(await runBare("sh", ["-c", burner(trial)]));
  return Math.round((trial * wantedSeconds) / Math.max(seconds, 0.01));
}

/** @returns wall-clock seconds, and the CPU seconds of all programs together */
async function measureBare(count: number): Promise<{ wall: number; cpu: number }> {
  const root = mkdtempSync(join(tmpdir(), "benchgen-bare-"));
  writeFiles(root, { "main.sh": burner(count) });
  let left = tasks;
  let cpu = 0;
  const worker = async () => {
    while (left-- > 0) {
      const seconds = cpuSeconds(await runBare("sh", [join(root, "main.sh")]));
      cpu += seconds;
    }
  };
  try {
    const wall = await secondsOf(() => Promise.all(Array.from({ length: cores }, worker)));
    return { wall, cpu };
  } finally {
    rmSync(root, { recursive: true });
  }
}

async function measurePipeline(count: number): Promise<{ wall: number; executor: string }> {
  const pipeline = await openPipeline();
  try {
    const author = await pipeline.actor("ada", "author");
    const indexes = Array.from({ length: tasks }, (_, index) => index);
    const task = { scoring_program: "scoring_program", reference_data: "reference_data" };
    await author.push(
      bundleFiles({
        title: "parallel",
        phase: { tasks: indexes },
        competition: { tasks: indexes.map((index) => ({ index, name: `Task ${index}`, ...task })) },
        scoring: { script: `${burner(count)}\ncp /app/input/res/scores.json /app/output/` },
      }),
    );
    // Tries the executor out and loads what is loaded late.
    await author.push(bundleFiles({ title: "warm-up" }));
    await author.evaluate("warm-up", scored(0.5));
    const submissionId = await author.submit(scored(0.5));
    let executor = "";
    const wall = await secondsOf(async () => {
      const run = await author.ended((await author.start({ environment: "parallel", submissionId })).id);
      if (run.status !== "succeeded") throw new Error(`run ${run.status}: ${run.reason?.message}`);
      executor = run.tasks[0]?.executor ?? "";
    });
    return { wall, executor };
  } finally {
    await pipeline.close();
  }
}

const count = await calibrate();
const before = await measureBare(count);
const { wall, executor } = await measurePipeline(count);
const after = await measureBare(count);
// The machine may be shared: what came before and after tells how busy it was in between.
const bare = (before.wall + after.wall) / 2;
const ideal = (before.cpu + after.cpu) / 2 / cores;
console.log(`| ${tasks} tasks on ${cores} cores | seconds | times ideal | times bare |`);
console.log("| --- | ---: | ---: | ---: |");
const row = (name: string, seconds: number) =>
  console.log(
    `| ${name} | ${seconds.toFixed(1)} | ${(seconds / ideal).toFixed(2)} | ${(seconds / bare).toFixed(2)} |`,
  );
row("ideal: CPU time over cores", ideal);
row("plain processes", bare);
row(`one run (${executor})`, wall);

/**
 * What it costs to start a program in each executor, and to run a whole job around it, against a bare child process.
 * `node bench/executor-overhead.ts [repetitions]`. Docker takes part when BENCHGEN_TEST_IMAGE names an image with python3.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Executor, ExecutorName } from "@benchgen/local/executor/executor.ts";
import { makeScratch, removeScratch } from "@benchgen/local/executor/scratch.ts";
import { systemPath } from "@benchgen/local/executor/tool.ts";
import { createLauncher } from "@benchgen/local/launcher.ts";
import { stageIn } from "@benchgen/runner/stage-in.ts";
import { executorsUnderTest } from "../test/executor/executor-under-test.ts";
import { jobOf, memoryChannel, scratchRoot } from "../test/executor/job-fixture.ts";

const repetitions = Number(process.argv[2] ?? 20);
const programs = [["true"], ["python3", "-c", "pass"]];

interface Row {
  readonly name: string;
  /** Milliseconds, median: of each program, and of a whole job around the first. */
  readonly times: readonly number[];
}

const directory = await scratchRoot();
try {
  const rows: Row[] = [{ name: "bare child", times: [...(await each(programs, bare)), Number.NaN] }];
  for (const { name, executor, image } of await executorsUnderTest(directory)) {
    if (executor === undefined) continue;
    const started = await each(programs, (argv) => inExecutor(executor, image, argv));
    rows.push({ name, times: [...started, await wholeJob(name as ExecutorName, image)] });
  }
  print(rows);
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function each<T>(values: readonly T[], time: (value: T) => Promise<number>): Promise<number[]> {
  const results: number[] = [];
  for (const value of values) results.push(await time(value));
  return results;
}

async function bare([file = "", ...rest]: readonly string[]): Promise<number> {
  return await median(async () => {
    const child = spawn(file, rest, { stdio: "ignore", env: { PATH: systemPath } });
    await once(child, "exit");
  });
}

/** The executor alone: volumes are in place already. */
async function inExecutor(
  executor: Executor,
  image: string | null,
  argv: readonly string[],
): Promise<number> {
  const { spec, blobs } = await jobOf({ commands: { scoring: argv.join(" ") } });
  const root = join(directory, spec.jobId);
  await makeScratch(root, spec.kind);
  await stageIn(memoryChannel(spec, blobs), root);
  const hooks = { signal: new AbortController().signal, onOutput: () => undefined };
  const time = await median(async () => {
    const [exit] = await executor.run({ spec, image, root }, hooks);
    if (exit?.exitCode !== 0) throw new Error(`the program failed: ${JSON.stringify(exit)}`);
  });
  await removeScratch(root);
  return time;
}

/** Everything the launcher does around a program: scratch, stage-in, stage-out, report, removal. */
async function wholeJob(executor: ExecutorName, image: string | null): Promise<number> {
  const { spec, blobs } = await jobOf({ commands: { scoring: "true" } });
  const launcher = createLauncher({
    channel: () => memoryChannel(spec, blobs),
    workDir: join(directory, `work-${executor}`),
    shareNetwork: true,
    logSink: () => ({ write: () => undefined, close: () => undefined }),
    executor,
    expose: [],
    owner: { id: "bench", isAlive: () => true },
    warn: (message) => process.stderr.write(`${message}\n`),
  });
  const { kind, limits, network, jobId, runId } = spec;
  const definition = await launcher.register({ version: 1, kind, image, limits, network });
  const { signal } = new AbortController();
  const time = await median(() => launcher.run({ jobId, runId, definition, token: "t" }, signal));
  await launcher.close();
  return time;
}

async function median(run: () => Promise<unknown>): Promise<number> {
  // The first is never like the others: files are read, an executor is tried out.
  await run();
  const times: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    const startedAt = performance.now();
    await run();
    times.push(performance.now() - startedAt);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

function print(rows: readonly Row[]): void {
  const base = rows[0]?.times ?? [];
  const cell = (time: number, i: number) =>
    Number.isNaN(time) ? "–" : `${time.toFixed(0)} ms (${(time / (base[i] ?? Number.NaN)).toFixed(1)}×)`;
  const wholeCell = (time: number) => (Number.isNaN(time) ? "–" : `${time.toFixed(0)} ms`);
  const lines = rows.map(({ name, times: [first = Number.NaN, second = Number.NaN, whole = Number.NaN] }) =>
    [name, cell(first, 0), cell(second, 1), wholeCell(whole)].join(" | "),
  );
  const head = ["executor", "`true`", "`python3 -c pass`", "a whole job around `true`"].join(" | ");
  process.stdout.write([head, "--- | --- | --- | ---", ...lines].map((line) => `| ${line} |\n`).join(""));
}

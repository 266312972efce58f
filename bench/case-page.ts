/**
 * What a page of a run's cases costs as their number grows: all of them, those that failed, those of a rare category, a
 * text that many hold and one that a single case holds; and one case by its id. Run with `node bench/case-page.ts`; the
 * numbers are in docs/benchmarks.md.
 */
import type { CaseQuery } from "@benchgen/core/case/cursor.ts";
import { findCase } from "@benchgen/core/case/find.ts";
import { type RunCases, pageOfCases } from "@benchgen/core/case/list.ts";
import { storeCases } from "@benchgen/core/case/store.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import { storeReport } from "@benchgen/core/report/store.ts";
import { type CountingBlobs, temporaryBlobs } from "../test/support/case.ts";

const sizes = [200, 20_000, 200_000];
const limit = 50;
const rounds = 51;

/** Of about 1 KB: a question of some words, its answer, tokens and latency. One in nine failed, one in a thousand rarely. */
function caseOf(number: number): string {
  const words = Array.from({ length: 90 }, (_, i) => `w${((number + 1) * (i + 7) * 7919) % 9973}`).join(" ");
  const failed = number % 9 === 0;
  return `${JSON.stringify({
    id: `question-${number}`,
    input: `${number === 170 ? "the only zebrafish " : ""}${words}`,
    output: failed ? "no idea" : "forty-two",
    target: "forty-two",
    passed: !failed,
    latency_ms: 100 + (number % 77),
    usage: { input_tokens: 300, output_tokens: 20 },
    cost_usd: 0.0003,
    ...(number % 200 === 99 ? { passed: false, failure: { category: "hallucination" } } : {}),
  })}\n`;
}

async function* linesOf(size: number): AsyncGenerator<Uint8Array> {
  for (let number = 0; number < size; number += 100) {
    yield Buffer.from(
      Array.from({ length: Math.min(100, size - number) }, (_, i) => caseOf(number + i)).join(""),
    );
  }
}

function runIdOf(size: number): RunId {
  return `run_${String(size).padStart(26, "0")}`;
}

/** Stores a run of so many cases, and says how long that took. */
async function store(
  blobs: CountingBlobs,
  size: number,
): Promise<{ run: RunCases; seconds: number; mb: number }> {
  const id = runIdOf(size);
  await blobs.put(blobKey.results(id, 0), linesOf(size));
  const started = performance.now();
  const tasks = [
    { index: 0, name: "Only", directory: await storeCases({ blobs }, { runId: id, taskIndex: 0 }) },
  ];
  await storeReport({ blobs }, { runId: id, name: "", environment: "", environmentVersion: 1, tasks });
  const seconds = (performance.now() - started) / 1000;
  return { run: { id, tasks }, seconds, mb: process.memoryUsage().rss / 1e6 };
}

/** A cursor halfway through the list, reached as a reader would: by turning pages. */
async function middleOf(blobs: CountingBlobs, run: RunCases, query: CaseQuery): Promise<string | undefined> {
  let cursor: string | undefined;
  for (let left = Math.floor(run.tasks[0]!.directory.counts.total / 2 / 200); left > 0; left--) {
    ({ cursor } = await pageOfCases({ blobs }, run, { ...query, cursor, limit: 200 }));
  }
  return cursor;
}

interface Measured {
  readonly ms: number;
  readonly requests: number;
}

/** Median times, measured in turns, so that a busy moment of the machine meets all of them. */
async function measure(
  blobs: CountingBlobs,
  works: readonly (() => Promise<unknown>)[],
): Promise<Measured[]> {
  const times = works.map((): number[] => []);
  const requests = works.map(() => 0);
  for (let round = 0; round < rounds; round++) {
    for (const [which, work] of works.entries()) {
      const before = blobs.requests;
      const started = performance.now();
      await work();
      times[which]!.push(performance.now() - started);
      requests[which] = blobs.requests - before;
    }
  }
  return times.map((own, which) => ({
    ms: own.sort((a, b) => a - b)[(rounds - 1) / 2]!,
    requests: requests[which]!,
  }));
}

function printRow(name: string, measured: readonly Measured[]): void {
  const [smallest] = measured;
  const cells = measured.map(({ ms, requests }, which) => {
    const ratio = which === 0 ? "" : ` (${(ms / smallest!.ms).toFixed(2)} ×)`;
    return `${ms.toFixed(2)}${ratio}, ${requests} req`;
  });
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}

const kinds: readonly { name: string; query: CaseQuery; middle?: boolean }[] = [
  { name: "first page", query: {} },
  { name: "page in the middle", query: {}, middle: true },
  { name: "those that failed", query: { outcome: "failed" } },
  { name: "a rare category", query: { category: "hallucination" } },
  { name: "a text in many", query: { q: "No idea" } },
  { name: "a text in one", query: { q: "zebrafish" } },
  { name: "a text in none", query: { q: "xylophone" } },
];

const { blobs, close } = temporaryBlobs();
try {
  const runs: RunCases[] = [];
  for (const size of sizes) {
    const { run, seconds, mb } = await store(blobs, size);
    runs.push(run);
    console.log(
      `${size} cases: stored and reported in ${seconds.toFixed(1)} s; the process has ${mb.toFixed(0)} MB`,
    );
  }
  console.log(
    `| page of ${limit}, ms | ${sizes.map((size) => `${size.toLocaleString("en")} cases`).join(" | ")} |`,
  );
  console.log(`|---|${sizes.map(() => "---|").join("")}`);
  for (const { name, query, middle } of kinds) {
    const works = [];
    for (const run of runs) {
      const cursor = middle === true ? await middleOf(blobs, run, query) : undefined;
      works.push(() => pageOfCases({ blobs }, run, { ...query, cursor, limit }));
    }
    printRow(name, await measure(blobs, works));
  }
  const lookUps = runs.map(
    ({ id }, which) =>
      () =>
        findCase({ blobs }, id, { task: 0, id: `question-${sizes[which]! - 7}`, epoch: 1 }),
  );
  printRow("one case by its id", await measure(blobs, lookUps));
} finally {
  close();
}

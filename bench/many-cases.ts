/** Runs of many cases, stored as the pipeline stores them, for the benchmarks of what reads them. */
import type { RunCases } from "@benchgen/core/case/list.ts";
import { storeCases } from "@benchgen/core/case/store.ts";
import type { ComparableRun } from "@benchgen/core/compare/compare.ts";
import type { Blobs } from "@benchgen/core/ports.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import { createBlobs } from "@benchgen/local/blob/blobs.ts";
import { systemClock } from "@benchgen/local/clock.ts";
import { openDataDirectory } from "@benchgen/local/data-directory.ts";

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

export function openBlobs(dir: string): { blobs: Blobs; close: () => void } {
  const data = openDataDirectory(dir);
  const warn = (message: string) => {
    throw new Error(message);
  };
  const secret = data.secretFor("blob-url");
  const blobs = createBlobs({ ...data, clock: systemClock, warn, secret, baseUrl: () => "http://localhost" });
  return { blobs, close: () => data.close() };
}

/** Stores so many runs over the same cases in the directory. */
export async function storeRuns(dir: string, runCount: number, cases: number): Promise<readonly RunCases[]> {
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

export function asComparable({ id, tasks }: RunCases, position: number): ComparableRun {
  const shown = { id, name: "", environment: "", environmentVersion: 1, status: "succeeded" as const };
  return { shown: { label: String(position), ...shown }, cases: { id, tasks }, notes: [] };
}

/** `JSON.parse` of each line of the runs' summaries: what others are measured against. */
export async function parseSummaries(blobs: Blobs, runs: readonly RunCases[]): Promise<void> {
  for (const { id } of runs) {
    const bytes = await blobs.get(blobKey.cases(id, 0, "summary.jsonl"));
    const lines = Buffer.from(bytes ?? [])
      .toString()
      .trimEnd()
      .split("\n");
    for (const line of lines) JSON.parse(line);
  }
}

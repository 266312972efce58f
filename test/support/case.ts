/** Stored cases for tests and benchmarks. */
import type { RunCases } from "@benchgen/core/case/list.ts";
import { storeCases } from "@benchgen/core/case/store.ts";
import type { Blobs } from "@benchgen/core/ports.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import { createBlobs } from "@benchgen/local/blob/blobs.ts";
import { temporaryDataDirectory } from "./data-directory.ts";

export const runId = "run_01jd0c2v5w8x9y0z1a2b3c4d5e";

/** The local blobs, and how many requests for them were made. */
export interface CountingBlobs extends Blobs {
  requests: number;
}

export function temporaryBlobs(): { blobs: CountingBlobs; close: () => void } {
  const data = temporaryDataDirectory();
  const blobs = createBlobs({
    ...data,
    secret: data.secretFor("blob-url"),
    baseUrl: () => "http://localhost",
  });
  const counting: CountingBlobs = {
    ...blobs,
    requests: 0,
    get: (...call) => {
      counting.requests++;
      return blobs.get(...call);
    },
    stream: (...call) => {
      counting.requests++;
      return blobs.stream(...call);
    },
  };
  return { blobs: counting, close: () => data.close() };
}

/** Stores each file as the results of a task, and what is made of it. */
export async function storeRun(
  blobs: Blobs,
  files: readonly (string | Uint8Array | AsyncIterable<Uint8Array>)[],
): Promise<RunCases> {
  const tasks: RunCases["tasks"][number][] = [];
  for (const [index, content] of files.entries()) {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    await blobs.put(blobKey.results(runId, index), bytes);
    tasks.push({ index, directory: await storeCases({ blobs }, { runId, taskIndex: index }) });
  }
  return { id: runId, tasks };
}

export function linesOf(cases: readonly object[]): string {
  return cases.map((line) => `${JSON.stringify(line)}\n`).join("");
}

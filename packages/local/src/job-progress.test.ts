import { setTimeout as sleep } from "node:timers/promises";
import type { ProgressSource } from "@benchgen/core/run/announce.ts";
import { describe, expect, it } from "vitest";
import { JobProgress } from "./job-progress.ts";

/** Generous: the machine may be busy. */
const soon = { timeout: 10_000 };

const job = {
  runId: "run_01jd0c2v5w8x9y0z1a2b3c4d5e",
  taskIndex: 2,
  kind: "scoring",
} as const;
const line = (text: string) => ({ stream: "stdout" as const, at: Date.parse("2026-11-21T10:00:00Z"), text });

/** Where it is said, and how far the job was each time. */
function listener(dueAts: (number | undefined)[]) {
  const said: ProgressSource[] = [];
  const progress = new JobProgress(job, (source) => {
    said.push(source);
    return Promise.resolve(dueAts.shift());
  });
  const done = () => said.map((source) => (source.kind === "printed" ? source.progress.done : undefined));
  return { progress, said, done };
}

describe("the progress of a job", () => {
  it("is said as it is printed, and nothing else is", async () => {
    const { progress, said } = listener([]);
    progress.see(line("busy"));
    progress.see({ ...line("Processing: 1/2 (50%)"), stream: "system" } as never);
    progress.see(line("Processing: 1/2 (50%) accuracy=1"));
    await progress.end();
    const at = "2026-11-21T10:00:00.000Z";
    expect(said).toEqual([
      {
        kind: "printed",
        runId: job.runId,
        taskIndex: 2,
        job: "scoring",
        progress: { done: 1, total: 2, at, values: { accuracy: 1 } },
      },
    ]);
  });

  it("waits while it is too early, and then is what is newest by then", async () => {
    const { progress, done } = listener([undefined, Date.now() + 50]);
    progress.see(line("Processing: 1/9"));
    await sleep(1);
    progress.see(line("Processing: 2/9"));
    await sleep(1);
    for (const count of [3, 4, 5]) progress.see(line(`Processing: ${count}/9`));
    await expect.poll(done, soon).toEqual([1, 2, 5]);
    await progress.end();
    expect(done()).toEqual([1, 2, 5]);
  });

  it("does not wait when all is done, or the job is", async () => {
    const never = Date.now() + 1_000_000;
    const { progress, done } = listener([undefined, never, never, never]);
    for (const text of ["Processing: 1/9", "Processing: 2/9", "Processing: 9/9", "Processing: 3/9"]) {
      progress.see(line(text));
      await sleep(1);
    }
    expect(done()).toEqual([1, 2, 9]);
    await progress.end();
    expect(done()).toEqual([1, 2, 9, 3]);
  });

  it("however much is printed at once, is said once", async () => {
    const { progress, done } = listener([]);
    for (let count = 1; count <= 10_000; count++) progress.see(line(`Processing: ${count}/20000`));
    await progress.end();
    expect(done()).toEqual([10_000]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIds } from "@benchgen/core/port/id.ts";
import type { Blobs, LogLine, LoggedJob, Logs } from "@benchgen/core/ports.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";

const ids = createIds();

/** What becomes of a job's log when the job is over and its whole log is stored. */
export function storedLogFacts(
  name: string,
  open: () => Promise<{
    logs: Logs;
    blobs: Blobs;
    write: (job: LoggedJob, lines: readonly LogLine[]) => Promise<void>;
    close: () => Promise<void>;
  }>,
): void {
  describe(`Logs of jobs that are over: ${name}`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    const newJob = (): LoggedJob => {
      return { runId: ids.next("run"), jobId: ids.next("job"), taskIndex: 0, kind: "scoring" };
    };
    const live: LogLine[] = ["1", "2", "3"].map((text, index) => {
      return { at: Date.now() + index, stream: "stdout", text };
    });

    async function store(job: LoggedJob, stdout: string, stderr: string): Promise<void> {
      const files = { "stdout.log": stdout, "stderr.log": stderr, "outcome.json": "{}" } as const;
      for (const file of ["stdout.log", "stderr.log", "outcome.json"] as const) {
        const key = blobKey.jobFile(job.runId, job.taskIndex, job.kind, file);
        await opened.blobs.put(key, Buffer.from(files[file]));
      }
    }

    /** Page by page, as text with the stream in front. */
    async function readAll(job: LoggedJob, limit: number, from?: string): Promise<string[]> {
      const read: string[] = [];
      for (let cursor = from; ;) {
        const page = await opened.logs.read(job, { limit, ...(cursor === undefined ? {} : { cursor }) });
        if (page.lines.length === 0) return read;
        read.push(...page.lines.map(({ stream, text }) => `${stream} ${text}`));
        cursor = page.cursor;
      }
    }

    it("gives what was stored to whoever begins after the job, every line once, stdout first", async () => {
      const job = newJob();
      await opened.write(job, live);
      const stdout = Array.from({ length: 2000 }, (_, index) => `${index} ü ${"x".repeat(500)}`);
      await store(job, stdout.map((line) => `${line}\n`).join(""), "warning\r\n\nno end");
      const expected = [
        ...stdout.map((line) => `stdout ${line}`),
        "stderr warning",
        "stderr ",
        "stderr no end",
      ];
      expect(await readAll(job, 700)).toEqual(expected);
    });

    it("goes on with the live log for whoever has read some of it, repeating and losing nothing", async () => {
      const job = newJob();
      await opened.write(job, live);
      const first = await opened.logs.read(job, { limit: 2 });
      expect(first.lines).toEqual(live.slice(0, 2));
      await store(job, "1\n2\n3\n", "");
      expect(await readAll(job, 10, first.cursor)).toEqual(["stdout 3"]);
    });

    it("gives what was stored to whoever asked before there was anything to read", async () => {
      const job = newJob();
      const nothing = await opened.logs.read(job);
      await store(job, "out\n", "err\n");
      expect(await readAll(job, 1, nothing.cursor)).toEqual(["stdout out", "stderr err"]);
    });

    it("gives nothing, and no error, of a job that wrote nothing", async () => {
      const job = newJob();
      await store(job, "", "");
      expect(await readAll(job, 10)).toEqual([]);
    });
  });
}

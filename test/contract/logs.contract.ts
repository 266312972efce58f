import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LogLine, LoggedJob, Logs } from "@benchgen/core/ports.ts";
import { createIds } from "@benchgen/core/port/id.ts";

/** Lines may take some seconds from the job to the reader on AWS. */
const arrival = { timeout: 30_000 };
const ids = createIds();

/** What every Logs must do. `write` is the job's side: it adds lines to the job's log. */
export function logsContract(
  name: string,
  open: () => Promise<{
    logs: Logs;
    write: (job: LoggedJob, lines: readonly LogLine[]) => Promise<void>;
    close: () => Promise<void>;
  }>,
): void {
  describe(`Logs: ${name}`, () => {
    let logs: Logs;
    let write: (job: LoggedJob, lines: readonly LogLine[]) => Promise<void>;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ logs, write, close } = await open());
    });
    afterAll(async () => {
      await close();
    });

    const newJob = (): LoggedJob => {
      return { runId: ids.next("run"), jobId: ids.next("job"), taskIndex: 0, kind: "scoring" };
    };
    // CloudWatch takes no line that is two weeks old.
    const begin = Date.now();
    const line = (text: string, at = 1): LogLine => ({ at: begin + at, stream: "stdout", text });

    it("gives the lines of a job in order, and no other job's", async () => {
      const [job, other] = [newJob(), newJob()];
      const lines: LogLine[] = [
        { at: begin + 1, stream: "stdout", text: "Processing: 1/2 (50%)" },
        { at: begin + 2, stream: "stderr", text: "\u001b[31mü\u001b[0m \u{1f600}" },
        { at: begin + 3, stream: "system", text: "" },
      ];
      await write(job, lines);
      await write(other, [line("another")]);
      await expect.poll(async () => (await logs.read(job)).lines, arrival).toEqual(lines);
    });

    it("ends a page of long lines early, and goes on with the next", async () => {
      const job = newJob();
      const texts = Array.from({ length: 90 }, (_, index) => `${index} `.padEnd(12_000, "é"));
      for (let first = 0; first < texts.length; first += 30) {
        await write(
          job,
          texts.slice(first, first + 30).map((text, index) => line(text, 1 + first + index)),
        );
      }
      const read: string[] = [];
      let cursor: string | undefined;
      const readPage = async (): Promise<number> => {
        const page = await logs.read(job, { limit: 1000, ...(cursor !== undefined && { cursor }) });
        cursor = page.cursor;
        read.push(...page.lines.map(({ text }) => text));
        const bytes = page.lines.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
        expect(bytes).toBeLessThanOrEqual(1024 ** 2);
        return read.length;
      };
      await expect.poll(readPage, arrival).toBe(texts.length);
      expect(read).toEqual(texts);
    });

    it("goes on where the cursor stands, while the log grows", async () => {
      const job = newJob();
      const nothing = await logs.read(job);
      expect(nothing.lines).toEqual([]);
      await write(job, [line("1"), line("2"), line("3")]);
      await expect.poll(async () => (await logs.read(job)).lines, arrival).toHaveLength(3);
      const first = await logs.read(job, { cursor: nothing.cursor, limit: 2 });
      expect(first.lines.map(({ text }) => text)).toEqual(["1", "2"]);
      const second = await logs.read(job, { cursor: first.cursor, limit: 2 });
      expect(second.lines.map(({ text }) => text)).toEqual(["3"]);
      expect((await logs.read(job, { cursor: second.cursor })).lines).toEqual([]);
      await write(job, [line("4")]);
      const texts = async (): Promise<string[]> =>
        (await logs.read(job, { cursor: second.cursor })).lines.map(({ text }) => text);
      await expect.poll(texts, arrival).toEqual(["4"]);
    });

    it("reads a long log page by page, every line once", async () => {
      const job = newJob();
      const lines = Array.from({ length: 5000 }, (_, index) => line(`${index} ${"x".repeat(500)}`, index));
      await write(job, lines);
      const everything = async (): Promise<LogLine[]> => {
        const read: LogLine[] = [];
        for (let cursor: string | undefined; ;) {
          const page = await logs.read(job, { cursor, limit: 700 });
          if (page.lines.length === 0) return read;
          read.push(...page.lines);
          cursor = page.cursor;
        }
      };
      await expect.poll(everything, arrival).toEqual(lines);
    });

    it("gives the newest lines of a log, oldest first, as many as there are or are asked for", async () => {
      const job = newJob();
      expect(await logs.tail(job, { limit: 10 })).toEqual([]);
      const lines = Array.from({ length: 2000 }, (_, index) => line(`${index} ${"x".repeat(500)}`, index));
      await write(job, lines.slice(0, 2));
      await expect.poll(() => logs.tail(job, { limit: 10 }), arrival).toEqual(lines.slice(0, 2));
      await write(job, lines.slice(2));
      await expect.poll(() => logs.tail(job, { limit: 10 }), arrival).toEqual(lines.slice(-10));
      await expect(logs.tail(job, { limit: 0 })).rejects.toMatchObject({ code: "limit_invalid" });
    });

    it("refuses cursors that are none, and limits out of bounds", async () => {
      const job = newJob();
      await write(job, [line("1")]);
      for (const cursor of ["", "x", "-1", "1.5"]) {
        await expect(logs.read(job, { cursor })).rejects.toMatchObject({ code: "cursor_invalid" });
      }
      for (const limit of [0, 10_001, 0.5]) {
        await expect(logs.read(job, { limit })).rejects.toMatchObject({ code: "limit_invalid" });
      }
    });
  });
}

import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { JobId, RunId } from "@benchgen/core/wire/id.ts";
import { createLogStore } from "./log-store.ts";

/** Generous: the machine may be busy. */
const soon = { timeout: 10_000 };

const job = {
  runId: "run_01jd0c2v5w8x9y0z1a2b3c4d5e" as RunId,
  jobId: "job_01jd0c2v5w8x9y0z1a2b3c4d5e" as JobId,
  taskIndex: 0,
  kind: "scoring" as const,
};
let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "benchgen-"));
  path = join(dir, job.runId, `${job.jobId}.jsonl`);
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const textsOf = async (cursor?: string): Promise<string[]> =>
  (await createLogStore(dir).read(job, { cursor })).lines.map(({ text }) => text);

it("shows lines while the sink is open", async () => {
  const sink = createLogStore(dir).sink(job);
  sink.write("stdout", "one", 1);
  await expect.poll(() => textsOf(), soon).toEqual(["one"]);
  sink.write("stdout", "two", 2);
  await expect.poll(() => textsOf(), soon).toEqual(["one", "two"]);
  await sink.close();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("splits text at its line ends, and lines that are too long", async () => {
  const sink = createLogStore(dir).sink(job);
  sink.write("stdout", "a\r\nb\n\nc", 1);
  sink.write("stderr", "x".repeat(70_000), 2);
  await sink.close();
  const texts = await textsOf();
  expect(texts.slice(0, 4)).toEqual(["a", "b", "", "c"]);
  expect(texts.slice(4).map(({ length }) => length)).toEqual([32_768, 32_768, 4464]);
});

it("ignores the torn last line of a process that was killed, also after another has gone on", async () => {
  const line = `${JSON.stringify({ at: 1, stream: "stdout", text: "whole" })}\n`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, line + line.slice(0, 20));
  const first = await createLogStore(dir).read(job);
  expect(first.lines.map(({ text }) => text)).toEqual(["whole"]);
  const sink = createLogStore(dir).sink(job);
  sink.write("stdout", "next", 2);
  await sink.close();
  expect(await textsOf()).toEqual(["whole", "next"]);
  expect(await textsOf(first.cursor)).toEqual(["next"]);
});

it("refuses a cursor between lines' ends, and one beyond the end", async () => {
  const sink = createLogStore(dir).sink(job);
  sink.write("stdout", "one", 1);
  await sink.close();
  for (const cursor of ["1", "5", "1000"]) {
    await expect(textsOf(cursor)).rejects.toMatchObject({ code: "cursor_invalid" });
  }
});

it("makes no file for a job that writes nothing, and none outside its directory", async () => {
  const logs = createLogStore(dir);
  await logs.sink(job).close();
  expect(readdirSync(dir)).toEqual([]);
  const runId = "run_../../etc" as RunId;
  expect(() => logs.sink({ ...job, runId })).toThrow("There is no log");
  await expect(logs.read({ ...job, runId })).rejects.toMatchObject({ code: "log_invalid" });
});

it("says when lines could not be written", async () => {
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(path);
  const sink = createLogStore(dir).sink(job);
  sink.write("stdout", "lost", 1);
  await expect(sink.close()).rejects.toMatchObject({ name: "PlatformFault", code: "log_unwritable" });
});

it("reads what is appended by another process", async () => {
  const sink = createLogStore(dir).sink(job);
  sink.write("stdout", "one", 1);
  await sink.close();
  const { cursor } = await createLogStore(dir).read(job);
  appendFileSync(path, `${JSON.stringify({ at: 2, stream: "stderr", text: "two" })}\n`);
  expect(await textsOf(cursor)).toEqual(["two"]);
});

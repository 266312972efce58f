import { chmod, mkdir, mkdtemp, readFile, readdir, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bytesSource, collect as collectBytes } from "@benchgen/core/bundle/byte-source.ts";
import { openZip } from "@benchgen/core/bundle/zip-archive.ts";
import { makeScratch, removeScratch } from "@benchgen/local/executor/scratch.ts";
import { runTool } from "@benchgen/local/executor/tool.ts";
import { httpChannel } from "@benchgen/runner/http-channel.ts";
import { stageIn } from "@benchgen/runner/stage-in.ts";
import { stageOut } from "@benchgen/runner/stage-out.ts";
import { serveJob } from "./job-api.ts";
import { type TestJob, jobOf, memoryChannel } from "./job-fixture.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "benchgen-stage-"));
});
afterEach(() => removeScratch(root));

const ending = (exitCode = 0) => ({
  exits: [{ name: "scoring" as const, exitCode, elapsedSeconds: 1.25 }],
  executor: "test",
  notes: [],
  startedAt: "2026-01-01T00:00:00.000Z",
});

async function staged(job: TestJob) {
  const { spec, blobs } = await jobOf(job);
  await makeScratch(root, spec.kind);
  const channel = memoryChannel(spec, blobs);
  await stageIn(channel, root);
  return channel;
}

async function unzipped(zip: Uint8Array | undefined): Promise<Record<string, string>> {
  const archive = await openZip(bytesSource(zip ?? new Uint8Array()));
  const files: Record<string, string> = {};
  for (const entry of archive.entries) {
    files[entry.path] = Buffer.from(await collectBytes(await archive.open(entry), 1_000_000)).toString();
  }
  return files;
}

test("an output carries its files and a metadata file with exit code and time", async () => {
  const channel = await staged({ commands: {} });
  await writeFile(join(root, "output", "scores.json"), "{}");
  const outcome = await stageOut(channel, root, ending());
  expect(outcome).toMatchObject({ status: "succeeded", output: { files: 2, skipped: [] } });
  expect(await unzipped(channel.uploaded.get("output.zip"))).toEqual({
    "scores.json": "{}",
    metadata: "exitCode: 0\nelapsedTime: 1.25\ningestionExitCode: null\ningestionElapsedTime: null\n",
  });
});

test("a program that wrote its own metadata keeps it", async () => {
  const channel = await staged({ commands: {} });
  await writeFile(join(root, "output", "metadata"), "mine");
  await stageOut(channel, root, ending());
  expect(await unzipped(channel.uploaded.get("output.zip"))).toEqual({ metadata: "mine" });
});

describe("what a hostile program leaves in its output", () => {
  test("links, FIFOs and unsafe names are left out and listed", async () => {
    const channel = await staged({ commands: {} });
    const output = join(root, "output");
    await writeFile(join(root, "secret"), "host secret");
    await symlink(join(root, "secret"), join(output, "scores.json"));
    await symlink(root, join(output, "directory"));
    await runTool(["mkfifo", join(output, "fifo")]);
    await writeFile(join(output, "back\\slash"), "x");
    await writeFile(join(output, "kept"), "kept");
    await mkdir(join(output, "locked"));
    await writeFile(join(output, "locked", "inside"), "inside");
    await chmod(join(output, "locked"), 0);
    const outcome = await stageOut(channel, root, ending());
    expect(Object.keys(await unzipped(channel.uploaded.get("output.zip"))).sort()).toEqual([
      "kept",
      "locked/inside",
      "metadata",
    ]);
    expect(outcome.output?.skipped.toSorted()).toEqual([
      "back\\slash (its name is not safe in a zip)",
      "directory (a link)",
      "fifo (no regular file)",
      "scores.json (a link)",
    ]);
  });

  test("a sparse file counts with the size it claims", async () => {
    const channel = await staged({ commands: {}, limits: { diskMb: 8 } });
    await writeFile(join(root, "output", "sparse"), "");
    await truncate(join(root, "output", "sparse"), 1 << 30);
    const outcome = await stageOut(channel, root, ending());
    expect(outcome).toMatchObject({
      status: "failed",
      reason: { code: "output_too_large", message: 'The output is larger than 8 MiB, with "sparse".' },
    });
    expect(channel.uploaded.has("output.zip")).toBe(false);
  });

  test("a log replaced by a link is not followed", async () => {
    const channel = await staged({ commands: {} });
    await symlink("/etc/passwd", join(root, "scoring-report", "stderr.log"));
    const outcome = await stageOut(channel, root, ending(1));
    expect(Buffer.from(channel.uploaded.get("stderr.log") ?? "x").toString()).toBe("");
    expect(outcome.reason?.stderrTail).toBeUndefined();
  });
});

test("a failure tells the exit code and the last lines of stderr, and the log what was dropped", async () => {
  const channel = await staged({ commands: {}, limits: { logBytes: 40 } });
  const report = join(root, "scoring-report");
  await writeFile(join(report, "stderr.log"), `${"line\n".repeat(30)}ValueError: no\n`);
  await writeFile(join(report, "stderr.bytes"), "1000\n");
  const outcome = await stageOut(channel, root, ending(2));
  expect(outcome.reason).toMatchObject({
    code: "program_failed",
    message: "The scoring program failed with exit code 2.",
    stderrTail: expect.stringMatching(/^(line\n){19}ValueError: no$/) as string,
  });
  expect(Buffer.from(channel.uploaded.get("stderr.log") ?? "").toString()).toBe(
    `${"line\n".repeat(8)}\n[benchgen] 960 more bytes were dropped: 40 are kept.\n`,
  );
});

test("an input that is no zip is refused with its place", async () => {
  const { spec, blobs } = await jobOf({ commands: {}, data: { predictions: { p: "x" } } });
  blobs.set("predictions", Buffer.from("not a zip at all"));
  await makeScratch(root, spec.kind);
  await expect(stageIn(memoryChannel(spec, blobs), root)).rejects.toMatchObject({
    code: "input_unreadable",
    message: expect.stringMatching(/^What belongs in \/app\/input\/res cannot be used: /) as string,
  });
});

test("an input of another hash than the recorded one is refused before anything of it is used", async () => {
  const { spec, blobs } = await jobOf({ commands: {}, programFiles: { "score.py": "" } });
  const [input] = spec.inputs;
  const changed = { ...spec, inputs: [{ ...input!, sha256: "0".repeat(64) }] };
  await makeScratch(root, spec.kind);
  await expect(stageIn(memoryChannel(changed, blobs), root)).rejects.toThrow(/SHA-256/);
  expect(await readdir(join(root, "scoring-app", "program"))).toEqual([]);
});

describe("over HTTP", () => {
  test("a job is staged in and out through a platform that fails at first", async () => {
    const { spec, blobs } = await jobOf({ commands: {}, data: { referenceData: { truth: "42" } } });
    await using api = await serveJob(spec, blobs, { token: "secret", failures: 3 });
    const channel = httpChannel(api.url, "secret", { attempts: 6, pauseMs: 1 });
    await makeScratch(root, spec.kind);
    await stageIn(channel, root);
    expect(await readFile(join(root, "scoring-app", "input", "ref", "truth"), "utf8")).toBe("42");
    await writeFile(join(root, "output", "scores.json"), "{}");
    await stageOut(channel, root, ending());
    expect(Object.keys(await unzipped(api.uploaded.get("output.zip")))).toContain("scores.json");
    expect(api.outcomes).toMatchObject([{ status: "succeeded", jobId: spec.jobId }]);
  });

  test("a token that is refused is not tried again", async () => {
    const { spec, blobs } = await jobOf({ commands: {} });
    await using api = await serveJob(spec, blobs, { token: "secret" });
    await expect(httpChannel(api.url, "other").spec()).rejects.toMatchObject({ name: "Unauthenticated" });
    expect(api.requests).toHaveLength(1);
  });
});

import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommand, startCommand } from "../support/command.ts";
import { writeBundle, writeSubmission } from "./bundle.ts";

let home: string;
let bundle: string;
let submission: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-run-"));
  bundle = await writeBundle(join(home, "bundle"));
  submission = await writeSubmission(join(home, "good"), "0.75");
});
afterEach(() => rm(home, { recursive: true, force: true }));

const command = (...words: string[]) => runCommand(words, { home, environment: { TMPDIR: home } });

describe("run on a bundle, without a server", () => {
  it("ends with the documented record and exits with 0", async () => {
    const { code, records, stderr } = await command("run", bundle, "--submission", submission, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(records.map(({ type }) => type)).toContain("run");
    expect(records.at(-1)).toEqual({
      type: "done",
      run: expect.stringMatching(/^run_/),
      status: "succeeded",
      reason: null,
      tasks: [
        {
          index: 0,
          name: "One",
          status: "succeeded",
          reason: null,
          scores: { accuracy: 0.75 },
          unscored: {},
        },
      ],
      scores: { accuracy: 0.75 },
    });
  });

  it("shows people the scores on stdout and the progress on stderr", async () => {
    const { code, stdout, stderr } = await command(
      "run",
      bundle,
      "--submission",
      submission,
      "--name",
      "Mine",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Mine succeeded {2}run_/);
    expect(stdout).toMatch(/TASK +Accuracy\nOne +0\.75/);
    expect(stderr).toContain("task 0 One: scoring");
  });

  it("takes a single file, and a zip of the same, for the same submission", async () => {
    const file = await command("run", bundle, "--submission", join(submission, "score"), "--json");
    expect(file.records.at(-1)).toMatchObject({ status: "succeeded", scores: { accuracy: 0.75 } });
    await promisify(execFile)("python3", [
      "-m",
      "zipfile",
      "-c",
      join(home, "good.zip"),
      join(submission, "score"),
    ]);
    const zip = await command("run", bundle, "--submission", join(home, "good.zip"), "--json");
    expect(zip.records.at(-1)).toMatchObject({ status: "succeeded", scores: { accuracy: 0.75 } });
  });

  it("warns of a submission that is in a folder, before it runs it", async () => {
    const outer = join(home, "my outer");
    await writeSubmission(join(outer, "sub"), "0.75");
    const said = await command("run", bundle, "--submission", outer, "--quiet");
    expect(said.stderr).toContain('All files of my outer.zip are in the folder "sub"');
    expect(said.stderr).toContain(`hint: Name that folder: --submission '${join(outer, "sub")}'\n`);
    const zip = join(home, "sub.zip");
    await promisify(execFile)("python3", ["-m", "zipfile", "-c", zip, join(outer, "sub")]);
    const { code, records, stderr } = await command("run", bundle, "--submission", zip, "--json");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(records.map(({ type }) => type).slice(0, 4)).toEqual(["uploaded", "uploaded", "finding", "run"]);
    expect(records[2]).toMatchObject({
      level: "warning",
      code: "submission.wrapped",
      hint: expect.stringContaining("cd sub && zip"),
    });
  });

  it("exits with 1 when the program fails, with the reason in words", async () => {
    await writeBundle(bundle, "echo 'no \u001b[31mluck' >&2; exit 3");
    const { code, stdout } = await command("run", bundle, "--submission", submission);
    expect(code).toBe(1);
    expect(stdout).toMatch(/program_failed .*3/);
    expect(stdout).toContain("no luck");
    const results = await command("results", "--json");
    expect(results.records.at(-1)).toMatchObject({
      type: "done",
      status: "failed",
      reason: { code: expect.any(String) },
    });
    expect(results.code).toBe(1);
  });

  it("leaves nothing in the temporary directory", async () => {
    await command("run", bundle, "--submission", submission);
    expect((await readdir(home)).filter((name) => name.startsWith("benchgen-"))).toEqual([]);
  });

  it("refuses an invalid bundle before anything is stored", async () => {
    await rm(join(bundle, "scoring"), { recursive: true });
    const { code, records } = await command("run", bundle, "--submission", submission, "--json");
    expect(code).toBe(1);
    expect(records).toEqual([
      expect.objectContaining({ type: "error", code: "bundle_invalid", findings: expect.any(Array) }),
    ]);
  });

  it("says what is wrong with a submission that cannot be packed", async () => {
    const missing = await command("run", bundle, "--submission", join(home, "nope"));
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("no file or directory") });
    const empty = await command("run", bundle, "--submission", await mkdtemp(join(home, "empty-")));
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining("holds no files") });
  });
});

describe("Ctrl-C during a run of this process", () => {
  it("cancels the run, exits with 130, and leaves nothing in the temporary directory", async () => {
    await writeBundle(bundle, "echo started; sleep 600");
    const words = ["run", bundle, "--submission", submission, "--json"];
    const running = startCommand(words, { home, environment: { TMPDIR: home } });
    await running.untilStdout('"scoring"');
    running.child.kill("SIGINT");
    const { code, records } = await running.result;
    expect(code).toBe(130);
    expect(records.at(-1)).toMatchObject({ type: "error", code: "interrupted" });
    expect((await command("status", "--json")).records.at(-1)).toMatchObject({ status: "cancelled" });
    expect((await readdir(home)).filter((name) => name.startsWith("benchgen-"))).toEqual([]);
  });
});

it("follows logs of the last run to their end", async () => {
  await writeBundle(
    bundle,
    "for i in 1 2 3; do echo line $i; done; echo oops >&2; printf '{\"accuracy\": 1}' > /app/output/scores.json",
  );
  await command("run", bundle, "--submission", submission);
  const { code, records } = await command("logs", "-f", "--json");
  expect(code).toBe(0);
  const lines = records.filter(({ type }) => type === "log");
  expect(lines.filter(({ stream }) => stream === "stdout").map(({ text }) => text)).toEqual([
    "line 1",
    "line 2",
    "line 3",
  ]);
  expect(lines.filter(({ stream }) => stream === "stderr").map(({ text }) => text)).toEqual(["oops"]);
});

it("ends quietly when its reader has seen enough", async () => {
  const script = `"$0" "$1" --help | head -1; echo "\${PIPESTATUS[0]}"`;
  const { binary } = await import("../support/command.ts");
  const env = { PATH: process.env["PATH"], HOME: home };
  const words = ["-c", script, process.execPath, binary];
  const { stdout, stderr } = await promisify(execFile)("bash", words, { env });
  expect(stdout).toBe("Usage: benchgen [options] [command]\n0\n");
  expect(stderr).toBe("");
});

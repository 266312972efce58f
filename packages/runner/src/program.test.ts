/** The wrapper that runs in a program's container, run here as a plain process over two directories. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { launchScript } from "./launch-script.ts";
import { readExit } from "./report.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "benchgen-wrapper-"));
  for (const name of ["control", "scoring-report"]) await mkdir(join(root, name));
});
afterEach(() => rm(root, { recursive: true }));

async function run(argv: string[], limits: { timeSeconds?: number; logBytes?: number } = {}) {
  const program = { name: "scoring" as const, argv, environment: { QUOTED: "it's $HOME" } };
  const all = {
    timeSeconds: 10,
    cpus: 1,
    memoryMb: 64,
    diskMb: 64,
    processes: 64,
    logBytes: 1000,
    ...limits,
  };
  await writeFile(join(root, "control", "launch.sh"), launchScript(program, all));
  const wrapper = fileURLToPath(new URL("program.sh", import.meta.url));
  const report = join(root, "scoring-report");
  const child = spawn("sh", [wrapper, join(root, "control"), report], { stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { stdout, stderr, code: code as number, exit: await readExit(root, "scoring"), report };
}

test("passes output on, keeps it, and tells the exit code", async () => {
  const ran = await run(["sh", "-c", "echo out; echo err >&2; exit 3"]);
  expect(ran).toMatchObject({ stdout: "out\n", stderr: "err\n", code: 3 });
  expect(ran.exit).toMatchObject({ name: "scoring", exitCode: 3 });
  expect(await readFile(join(ran.report, "stdout.log"), "utf8")).toBe("out\n");
  expect(await readFile(join(ran.report, "stderr.log"), "utf8")).toBe("err\n");
});

test("hands words and environment over exactly, evaluating nothing", async () => {
  const ran = await run(["printf", "%s|", "a b", "$HOME", "it's", "`id`", "$(id)", "*", ""]);
  expect(ran.stdout).toBe("a b|$HOME|it's|`id`|$(id)|*||");
  expect((await run(["printenv", "QUOTED"])).stdout).toBe("it's $HOME\n");
});

test("keeps the beginning of a long output, and counts all of it", async () => {
  const ran = await run(["head", "-c", "500000", "/dev/zero"]);
  expect((await stat(join(ran.report, "stdout.log"))).size).toBe(1000);
  expect((await readFile(join(ran.report, "stdout.bytes"), "utf8")).trim()).toBe("500000");
});

test("ends a program that ignores SIGTERM at its time limit", async () => {
  const ran = await run(["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"], { timeSeconds: 1 });
  expect(ran.exit).toMatchObject({ exitCode: null, cause: "time_limit" });
});

test("tells a command that is not there", async () => {
  const ran = await run(["no-such-command"]);
  expect(ran.exit).toMatchObject({ exitCode: 127 });
  expect(ran.stderr).toContain("no-such-command");
});

test("a program that never started has no exit", async () => {
  expect(await readExit(root, "scoring")).toEqual({ name: "scoring", exitCode: null, elapsedSeconds: 0 });
});

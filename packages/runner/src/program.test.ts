/** The wrapper that runs in a program's container, run here as a plain process over two directories. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Enforcement, launchScript } from "./launch-script.ts";
import { readExit } from "./report.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "benchgen-wrapper-"));
  for (const name of ["control", "scoring-report"]) await mkdir(join(root, name));
});
afterEach(() => rm(root, { recursive: true }));

interface How {
  readonly enforcement?: Enforcement;
  readonly environment?: Record<string, string>;
  /** A shell's command that takes the output, instead of us. */
  readonly reader?: string;
}

async function run(
  argv: string[],
  limits: { timeSeconds?: number; logBytes?: number; diskMb?: number } = {},
  { enforcement, environment, reader }: How = {},
) {
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
  await writeFile(join(root, "control", "launch.sh"), launchScript(program, all, enforcement));
  const wrapper = fileURLToPath(new URL("program.sh", import.meta.url));
  const report = join(root, "scoring-report");
  const words = [wrapper, join(root, "control"), report];
  const piped = ["-c", `sh "$@" | { ${reader}; }`, "sh", ...words];
  const child = spawn("sh", reader === undefined ? words : piped, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { stdout, stderr, code: code as number, exit: await readExit(root, "scoring"), report };
}

test("passes output on, keeps it, and tells the exit code", async () => {
  const ran = await run(["sh", "-c", "echo out; echo err >&2; exit 3"]);
  // Its own exit code is 0: another would have Step Functions run the task again.
  expect(ran).toMatchObject({ stdout: "out\n", stderr: "err\n", code: 0 });
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

test("loses nothing of an output that is taken late", async () => {
  const limits = { logBytes: 200_000 };
  const ran = await run(["head", "-c", "100000", "/dev/zero"], limits, { reader: "sleep 2; cat" });
  expect(ran.stdout).toHaveLength(100_000);
  expect((await stat(join(ran.report, "stdout.log"))).size).toBe(100_000);
  expect((await readFile(join(ran.report, "stdout.bytes"), "utf8")).trim()).toBe("100000");
});

test("ends a program whose time was over before it was waited for", async () => {
  const bin = join(root, "bin");
  await mkdir(bin);
  // What the wrapper does last before it starts the program.
  await writeFile(join(bin, "rm"), '#!/bin/sh\nsleep 2\nexec /bin/rm "$@"\n', { mode: 0o755 });
  const environment = { PATH: `${bin}:${process.env["PATH"]}` };
  const ran = await run(["sleep", "60"], { timeSeconds: 1 }, { environment });
  expect(ran.exit).toMatchObject({ exitCode: null, cause: "time_limit" });
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

test("a file larger than the limit ends the program that writes it, and no log of ours", async () => {
  const script = 'head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >"$0"; echo $?';
  const ran = await run(["sh", "-c", script, join(root, "large")], { diskMb: 1, logBytes: 4_000_000 });
  expect(ran.stdout).toMatch(/153\n$/);
  expect((await stat(join(root, "large"))).size).toBe(1024 ** 2);
  expect((await stat(join(ran.report, "stdout.log"))).size).toBe(3_000_004);
});

test("processes are limited where the wrapper must do it", async () => {
  const script = "ulimit -u 2>/dev/null || ulimit -p";
  const ran = await run(["sh", "-c", script], {}, { enforcement: { processes: 48 } });
  expect(ran.stdout).toBe("48\n");
});

test("a job that is over before its program starts does not start it", async () => {
  await writeFile(join(root, "control", "over"), "");
  const ran = await run(["sh", "-c", "echo started"]);
  expect(ran).toMatchObject({ code: 0, stdout: "", exit: { exitCode: null } });
});

test("a program with a relay starts once that listens, and is told where", async () => {
  const relay = join(root, "url");
  setTimeout(() => void writeFile(relay, "http://127.0.0.1:7/gateway/v1\n"), 500);
  const ran = await run(["printenv", "OPENAI_BASE_URL"], {}, { enforcement: { relay } });
  expect(ran.stdout).toBe("http://127.0.0.1:7/gateway/v1\n");
});

test.runIf(process.getuid?.() === 0)(
  "a program that could not be confined is no failure of its own",
  async () => {
    const report = join(root, "scoring-report");
    await chown(report, 65532, 65532);
    await writeFile(join(report, "unstarted"), "");
    await writeFile(join(report, "exit"), "unconfined=confine: no filter\n");
    expect(await readExit(root, "scoring")).toMatchObject({
      exitCode: null,
      cause: "executor_missing",
      detail: "confine: no filter",
    });
  },
);

test("a program cannot claim that it never started", async () => {
  await writeFile(join(root, "scoring-report", "unstarted"), "");
  const ran = await run(["sleep", "0"]);
  await expect(access(join(ran.report, "unstarted"))).rejects.toThrow(/ENOENT/);
  await writeFile(join(ran.report, "unstarted"), "");
  await writeFile(join(ran.report, "exit"), "fault=none of mine\n");
  expect(await readExit(root, "scoring")).toEqual({ name: "scoring", exitCode: null, elapsedSeconds: 0 });
});

test("a program that never started has no exit", async () => {
  expect(await readExit(root, "scoring")).toEqual({ name: "scoring", exitCode: null, elapsedSeconds: 0 });
});

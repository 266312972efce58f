import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { JobId } from "@benchgen/core/wire/id.ts";
import type { ExecutorName } from "@benchgen/local/executor/executor.ts";
import { runTool } from "@benchgen/local/executor/tool.ts";
import { sleeping, untilRunning } from "../support/process.ts";
import { executorsUnderTest } from "./executor-under-test.ts";
import { serveJob } from "./job-api.ts";
import { jobOf, memoryChannel, scratchRoot } from "./job-fixture.ts";
import { launcherPreparer, namesIn } from "./launcher-fixture.ts";

const directory = await scratchRoot();
const available = (await executorsUnderTest(directory)).filter(({ executor }) => executor !== undefined);
afterAll(() => rm(directory, { recursive: true, force: true }));

const prepared = launcherPreparer(directory);

describe.each(available)("the launcher with $name", ({ name, image }) => {
  const how = { executor: name as ExecutorName, image };

  test("runs a job to its outcome, tells its lines, and leaves nothing behind", async () => {
    const job = await prepared(
      {
        commands: {
          scoring: "sh -c 'echo scoring; printf partial >/dev/stderr; echo {} >/app/output/scores.json'",
        },
      },
      how,
    );
    await expect(job.run()).resolves.toEqual({ reported: true });
    expect(job.channel.outcomes).toMatchObject([
      {
        status: "succeeded",
        executor: name,
        programs: [{ name: "scoring", exitCode: 0 }],
        output: { files: 2, skipped: [] },
      },
    ]);
    expect(job.lines.map(({ stream, text }) => `${stream} ${text}`).sort()).toEqual([
      "stderr partial",
      "stdout scoring",
    ]);
    expect(await namesIn(join(job.workDir, "me"))).not.toContain(job.spec.jobId);
    await job.launcher.close();
    expect(await namesIn(job.workDir)).toEqual([]);
  });

  test("reports inputs that cannot be used, without running anything", async () => {
    const job = await prepared({ commands: { scoring: "sh -c 'echo ran'" }, data: { predictions: {} } }, how);
    job.blobs.set("predictions", Buffer.from("no zip"));
    await expect(job.run()).resolves.toEqual({ reported: true });
    expect(job.channel.outcomes).toMatchObject([{ status: "failed", reason: { code: "input_unreadable" } }]);
    expect(job.lines).toEqual([]);
    await job.launcher.close();
  });

  test("ends a job that is stopped", async () => {
    const job = await prepared({ commands: { scoring: "sh -c 'echo up; sleep 600'" } }, how);
    const running = job.run();
    while (job.lines.length === 0) await sleep(20);
    await job.launcher.stop(job.spec.jobId);
    await expect(running).resolves.toEqual({ reported: false, detail: "it was stopped" });
    expect(job.channel.outcomes).toEqual([]);
    await job.launcher.close();
  });

  test("ends a job that waits for another of its run to end", async () => {
    const { spec: holding, blobs } = await jobOf({ commands: { scoring: "sh -c 'echo up; sleep 600'" } });
    const waiting = { ...holding, jobId: "job_00000000000000000000000001" } as const;
    const job = await prepared({ commands: {} }, how, {
      programsPerRun: 1,
      channel: (token) => memoryChannel(token === "waiting" ? waiting : holding, blobs),
    });
    const { kind, limits, network, runId } = holding;
    const definition = await job.launcher.register({ version: 1, kind, image, limits, network });
    const run = (token: string, { jobId }: { jobId: JobId }) =>
      job.launcher.run({ jobId, runId, definition, token }, new AbortController().signal);
    const first = run("holding", holding);
    while (job.lines.length === 0) await sleep(20);
    const second = run("waiting", waiting);
    while (!(await namesIn(join(job.workDir, "me"))).includes(waiting.jobId)) await sleep(20);
    await job.launcher.stop(waiting.jobId);
    await expect(second).resolves.toEqual({ reported: false, detail: "it was stopped" });
    await job.launcher.stop(holding.jobId);
    await expect(first).resolves.toEqual({ reported: false, detail: "it was stopped" });
    await job.launcher.close();
  });

  test("a process that is killed takes its programs along, or the next one ends them", async () => {
    const mark = `4000.${process.pid}${available.findIndex((each) => each.name === name)}`;
    const workDir = join(directory, `killed-${name}`);
    const script = fileURLToPath(new URL("launch-until-killed.ts", import.meta.url));
    const child = spawn(process.execPath, [script, workDir, name, "killed", mark, image ?? ""], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    try {
      await untilRunning(sleeping(mark), 1);
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    const job = await prepared({ commands: {} }, how, { workDir });
    // The kernel ends a sandbox with whoever started it, but for a moment; a container stays until it is found.
    await job.launcher.sweep();
    await untilRunning(sleeping(mark), 0);
    expect(await namesIn(workDir)).not.toContain("killed");
    await job.launcher.close();
  });
});

test("a sweep removes what dead owners left, and nothing of the living", async () => {
  const job = await prepared({ commands: {} }, { executor: "namespaces", image: null });
  for (const owner of ["dead", "alive"]) await mkdir(join(job.workDir, owner, "job_x"), { recursive: true });
  await writeFile(join(job.workDir, "dead", "job_x", "file"), "");
  await job.launcher.sweep();
  expect(new Set(await namesIn(job.workDir))).toEqual(new Set(["alive", "me"]));
  await job.launcher.close();
});

test("an executor that is not there is a reported reason with what to install", async () => {
  const before = process.env["DOCKER_HOST"];
  process.env["DOCKER_HOST"] = "unix:///nonexistent/docker.sock";
  const job = await prepared({ commands: {} }, { executor: "docker", image: "x" });
  await expect(job.run()).resolves.toEqual({ reported: true });
  if (before === undefined) delete process.env["DOCKER_HOST"];
  else process.env["DOCKER_HOST"] = before;
  expect(job.channel.outcomes[0]?.reason).toMatchObject({
    code: "executor_missing",
    message: expect.stringContaining("docker") as string,
    hint: expect.stringMatching(/Start|Install/) as string,
  });
  await job.launcher.close();
});

const docker = available.find(({ name }) => name === "docker");

describe.runIf(docker !== undefined && process.platform === "linux")("with docker and an API", () => {
  const how = { executor: "docker" as const, image: docker?.image ?? null };

  test("all three of a job's containers run, and only ours speak to the API", async () => {
    const { spec, blobs } = await jobOf({
      commands: { scoring: "sh -c 'env >/app/output/env; cat /app/input/ref/truth'" },
      data: { referenceData: { truth: "42\n" } },
    });
    await using api = await serveJob(spec, blobs, { token: "token" });
    const job = await prepared({ commands: {} }, how, {
      channel: () => ({
        ...memoryChannel(spec, blobs),
        report: () => Promise.reject(new Error("not from here")),
      }),
      apiUrl: () => Promise.resolve(api.url),
    });
    await expect(job.run()).resolves.toEqual({ reported: true });
    expect(job.lines.map(({ text }) => text)).toEqual(["42"]);
    expect(api.outcomes).toMatchObject([{ status: "succeeded", executor: "docker", output: { files: 2 } }]);
    expect(Buffer.from(api.uploaded.get("output.zip") ?? "").toString()).not.toContain("TOKEN");
    expect(Buffer.from(api.uploaded.get("stdout.log") ?? "").toString()).toBe("42\n");
    await job.launcher.close();
  });

  test("inputs that cannot be used are reported by stage-in itself", async () => {
    const { spec, blobs } = await jobOf({ commands: {}, data: { predictions: {} } });
    blobs.set("predictions", Buffer.from("no zip"));
    await using api = await serveJob(spec, blobs, { token: "token" });
    const job = await prepared({ commands: {} }, how, {
      channel: () => memoryChannel(spec, blobs),
      apiUrl: () => Promise.resolve(api.url),
    });
    await expect(job.run()).resolves.toEqual({ reported: true });
    expect(api.outcomes).toMatchObject([{ reason: { code: "input_unreadable" } }]);
    await job.launcher.close();
  });

  test("an image that is not there is a reason that says what to type", async () => {
    const job = await prepared({ commands: {} }, { executor: "docker", image: "benchgen-test:missing" });
    await job.run();
    expect(job.channel.outcomes[0]?.reason).toMatchObject({
      code: "image_not_found",
      message:
        "The image benchgen-test:missing is not on this machine. Type: docker pull benchgen-test:missing",
    });
    await job.launcher.close();
  });
});

test("a sandbox gets this machine's network only where that is allowed", async () => {
  for (const { name } of available.filter(({ name }) => name !== "docker")) {
    const how = { executor: name as ExecutorName, image: null };
    const job = await prepared({ commands: { scoring: "true" }, network: "open" }, how, {
      shareNetwork: false,
    });
    await expect(job.run()).resolves.toEqual({ reported: true });
    expect(job.channel.outcomes[0]?.reason).toMatchObject({
      code: "executor_missing",
      hint: expect.stringContaining("--require-token"),
    });
    await job.launcher.close();
  }
});

test("sandboxes go on working when their work directory was tidied away", async () => {
  const [sandbox] = available.filter(({ name }) => name !== "docker");
  if (sandbox === undefined) return;
  const how = { executor: sandbox.name as ExecutorName, image: null };
  const job = await prepared({ commands: { scoring: "true" } }, how);
  await expect(job.run()).resolves.toEqual({ reported: true });
  for (const owner of await readdir(job.workDir)) {
    await rm(join(job.workDir, owner), { recursive: true, force: true });
  }
  await expect(job.run()).resolves.toEqual({ reported: true });
  expect(job.channel.outcomes.map(({ status }) => status)).toEqual(["succeeded", "succeeded"]);
  await job.launcher.close();
});

const canDrop = process.getuid?.() === 0 && (await readableByOthers());

test.runIf(canDrop)("an ordinary user runs programs as root does", async () => {
  const script = fileURLToPath(new URL("launch-once.ts", import.meta.url));
  for (const { name } of available.filter(({ name }) => name !== "docker")) {
    const workDir = join(directory, `ordinary-${name}`);
    await mkdir(workDir, { mode: 0o777 });
    await runTool(["chmod", "777", workDir]);
    const words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
    const ran = await runTool([...words, process.execPath, script, join(workDir, "work"), name]);
    expect(ran).toMatchObject({ code: 0, stdout: "ran\nsucceeded\n" });
  }
});

/** Whether another user could run our sources at all. */
async function readableByOthers(): Promise<boolean> {
  const path = fileURLToPath(import.meta.url);
  await access(path);
  const words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];
  return (await runTool([...words, "test", "-r", path])).code === 0;
}

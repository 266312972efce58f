import { mkdtempSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { volumeName } from "@benchgen/core/job/container.ts";
import type { JobProgram } from "@benchgen/core/wire/job.ts";
import { afterEach, describe, expect, it } from "vitest";
import { runInSandboxes } from "./sandbox.ts";
import { trial } from "./sandbox-host.ts";
import { makeScratch, removeScratch } from "./scratch.ts";

const roots: string[] = [];
afterEach(async () => {
  for (const root of roots.splice(0)) await removeScratch(root);
});

/** Programs of the test's own, started as they are: what is tested is what goes on around a sandbox. */
async function run(scripts: readonly string[], prepare: (report: string) => void = () => undefined) {
  const root = join(mkdtempSync(join(tmpdir(), "benchgen-sandbox-")), "job");
  roots.push(join(root, ".."));
  await makeScratch(root, "scoring");
  prepare(join(root, volumeName.report("scoring")));
  const programs = scripts.map((script): JobProgram => ({
    name: "scoring",
    argv: [script],
    environment: {},
  }));
  const limits = { ...trial.limits, timeSeconds: 60, memoryMb: 256, diskMb: 32 };
  const spec = { ...trial, programs, limits };
  const hooks = { signal: new AbortController().signal, onOutput: () => undefined };
  return runInSandboxes({ spec, image: null, root }, hooks, (_execution, { argv }) => ({
    argv: argv[0]!.startsWith("/") ? argv : ["/bin/sh", "-c", argv[0]!],
    hidden: { fd: 0, text: "" },
  }));
}

// Errors that nobody caught fail the whole file: one that comes before somebody waits for it would end a server.
describe.runIf(process.platform === "linux")("what goes wrong with one program", () => {
  it("while the others are being started is told once, by whoever waits for all", async () => {
    await expect(run(["exit 1", "exit 1", "exit 1", "exit 1", "exit 1"])).rejects.toMatchObject({
      code: "sandbox_failed",
    });
  });

  it("is a fault of the platform when its sandbox is not there", async () => {
    await expect(run(["/nonexistent/sandbox"])).rejects.toMatchObject({ code: "sandbox_failed" });
  });

  it("ends it when what it prints cannot be kept", async () => {
    const full = (report: string) => symlinkSync("/dev/full", join(report, "stdout.log"));
    // Were it not ended, it would outlast the test.
    await expect(run(["echo printed; exec sleep 50"], full)).rejects.toMatchObject({
      name: "PlatformFault",
      code: "output_lost",
      message: expect.stringContaining("ENOSPC") as string,
    });
  });
});

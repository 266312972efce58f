/** What the sandboxes' executors share: who programs run as, and trying a sandbox out. */
import { mkdir } from "node:fs/promises";
import { release } from "node:os";
import { join } from "node:path";
import { messageOf } from "@benchgen/core/error.ts";
import { volumeName } from "@benchgen/core/job/container.ts";
import type { JobProgram, JobSpec } from "@benchgen/core/wire/job.ts";
import { readTail } from "@benchgen/runner/file.ts";
import { jobOwner } from "@benchgen/runner/owner.ts";
import type { Availability, Execution } from "./executor.ts";
import { type SandboxCommand, kernelCountsPerNamespace } from "./sandbox-command.ts";
import { type SandboxMaker, runInSandboxes } from "./sandbox.ts";
import { makeScratch, removeScratch } from "./scratch.ts";
import { type HostFacts, sandboxView } from "./view.ts";

export interface SandboxOptions {
  readonly facts: HostFacts;
  /** Where jobs' directories may be made; the programs' user can reach it. */
  readonly scratchRoot: string;
}

/**
 * Words in front of a sandbox's own: root becomes the ordinary user before any namespace is made, so that no mistake in
 * what follows can touch the machine.
 */
export function droppedTo(...more: readonly string[]): string[] {
  const owner = jobOwner();
  const drop = owner === undefined ? [] : [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, "--clear-groups"];
  const words = [...drop, ...more];
  return words.length === 0 ? [] : ["setpriv", ...words, "--"];
}

/** All that is needed to write down how a job's program is started. */
export function sandboxCommand(facts: HostFacts, execution: Execution, program: JobProgram): SandboxCommand {
  const { gatewaySocket } = execution;
  const { limits, network } = execution.spec;
  const view = sandboxView(facts, { root: execution.root, program: program.name, network, gatewaySocket });
  return { program, limits, network, view, countsProcesses: kernelCountsPerNamespace(release()) };
}

/** A job of one program that does nothing. */
export const trial: JobSpec = {
  version: 1,
  jobId: "job_00000000000000000000000000",
  runId: "run_00000000000000000000000000",
  taskIndex: 0,
  kind: "scoring",
  inputs: [],
  programs: [{ name: "scoring", argv: ["true"], environment: {} }],
  limits: { timeSeconds: 10, cpus: 1, memoryMb: 64, diskMb: 1, processes: 16, logBytes: 4096 },
  network: "none",
  directories: [],
};

/** Runs `true` in a sandbox: whether that works depends on the kernel's settings, which only trying shows. */
export async function tryOut(options: SandboxOptions, make: SandboxMaker): Promise<Availability> {
  const root = join(options.scratchRoot, `trial-${process.pid}-${Math.random().toString(36).slice(2)}`);
  try {
    await makeScratch(root, trial.kind);
    for (const directory of ["program", "output", "shared"]) {
      await mkdir(join(root, volumeName.app("scoring"), directory));
    }
    const execution = { spec: trial, image: null, root };
    const hooks = { signal: new AbortController().signal, onOutput: () => undefined };
    const [exit] = await runInSandboxes(execution, hooks, make);
    if (exit?.exitCode === 0) return { available: true };
    const stderr = await readTail(join(root, volumeName.report("scoring"), "stderr.log"), 1024);
    return { available: false, reason: `a trial program failed: ${stderr.trim()}`, hint: userNamespaceHint };
  } catch (error) {
    return { available: false, reason: messageOf(error), hint: userNamespaceHint };
  } finally {
    await removeScratch(root);
  }
}

const userNamespaceHint =
  "Sandboxes need user namespaces. Ubuntu 24.04 restricts them: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0. " +
  "Inside a container, start it with --security-opt seccomp=unconfined --security-opt systempaths=unconfined.";

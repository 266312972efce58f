/** What both sandboxes have in common about starting a program: pure. */
import type { JobProgram, Limits, NetworkMode } from "@benchgen/core/wire/job.ts";
import { localGatewayPort } from "@benchgen/core/job/layout.ts";
import { type SandboxView, relayPaths } from "./view.ts";

/** All that is needed to write down how one program is started. */
export interface SandboxCommand {
  readonly program: JobProgram;
  readonly limits: Limits;
  readonly network: NetworkMode;
  readonly view: SandboxView;
  /** Whether the kernel counts RLIMIT_NPROC per user namespace. */
  readonly countsProcesses: boolean;
}

/** File descriptors of a sandbox: what it reads its arguments from, and where it writes the program's exit code. */
export const argumentsFd = 3;
export const statusFd = 4;

/** MiB of `/dev/shm`: for shared semaphores and buffers of one program's processes. It is memory. */
export function sharedMemoryMb(limits: Limits): number {
  return Math.max(16, Math.min(256, Math.floor(limits.memoryMb / 4)));
}

/** The environment of the program: what the contract names, and its PATH. */
export function programEnvironment({ program, view }: SandboxCommand): Record<string, string> {
  return { ...program.environment, PATH: view.searchPath };
}

const mib = 1024 ** 2;

/**
 * The limits the kernel itself keeps, as a command in front of the program's own. The watcher ends a tree that uses more
 * memory in all; this stops one process from outrunning it, with room for memory that is reserved and never used.
 */
export function limited({ program, limits, network, countsProcesses }: SandboxCommand): string[] {
  const { node, script, socket } = relayPaths;
  return [
    // In front of the limits: what it uses is not the program's.
    ...(network === "gateway" ? [node, script, socket, String(localGatewayPort), "--"] : []),
    "prlimit",
    "--core=0",
    `--fsize=${limits.diskMb * mib}`,
    `--data=${(2 * limits.memoryMb + 512) * mib}`,
    ...(countsProcesses ? [`--nproc=${limits.processes}`] : []),
    "--",
    ...program.argv,
  ];
}

/** Since Linux 5.14 RLIMIT_NPROC counts the processes of a user namespace; before, all of that user on the machine. */
export function kernelCountsPerNamespace(release: string): boolean {
  const [major = 0, minor = 0] = release.split(".").map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}

/** The exit code a sandbox reported; undefined when the program never ran, or did not come to its end. */
export function exitCodeIn(status: string): number | undefined {
  const code = /"exit-code"\s*:\s*(\d+)/.exec(status)?.[1];
  return code === undefined ? undefined : Number(code);
}

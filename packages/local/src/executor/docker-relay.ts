/**
 * A program in a container reaches the gateway as one in a sandbox does: over a loopback that is its own. A container of
 * ours without any network holds the gateway's socket and listens there; the program's joins its network namespace, in
 * which there is nothing else.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PlatformFault } from "@benchgen/core/error.ts";
import { localGatewayPort } from "@benchgen/core/job/layout.ts";
import type { ProgramName } from "@benchgen/core/wire/job.ts";
import type { Owner } from "@benchgen/runner/owner.ts";
import { confinedRun } from "./docker-command.ts";
import type { Docker } from "./docker-engine.ts";
import { imageNode } from "./node-image.ts";

export interface DockerRelay {
  readonly program: ProgramName;
  /** Unique on the machine. */
  readonly name: string;
  /** Has Node. */
  readonly image: string;
  readonly user: Owner;
  readonly labels: Readonly<Record<string, string>>;
  /** The gateway's socket on this machine. Its directory is what the container sees: it should hold nothing else. */
  readonly socket: string;
}

const script = "/benchgen/gateway-relay.mts";
const socketDirectory = "/benchgen/gateway";

/** The words after `docker`: pure. */
function dockerRelay({ name, image, user, labels, socket }: DockerRelay): string[] {
  const source = fileURLToPath(new URL("gateway-relay.ts", import.meta.url));
  const mounted = join(socketDirectory, basename(socket));
  return [
    ...confinedRun({ name, labels, user }),
    // Whoever joins the network has its host name as well.
    "--hostname=benchgen",
    "--network=none",
    "--memory=128m",
    "--memory-swap=128m",
    "--pids-limit=64",
    `--mount=type=bind,source=${source},target=${script},readonly`,
    // Read-only is no obstacle: connecting to a socket writes nothing to its file system.
    `--mount=type=bind,source=${dirname(socket)},target=${socketDirectory},readonly`,
    `--entrypoint=${imageNode}`,
    image,
    script,
    mounted,
    String(localGatewayPort),
  ];
}

/**
 * Has them listen while something runs, and removes them.
 * @throws PlatformFault `docker_failed` when one does not start
 */
export async function withRelays<T>(
  relays: readonly DockerRelay[],
  how: { environment: NodeJS.ProcessEnv; docker: Docker },
  run: () => Promise<T>,
): Promise<T> {
  if (relays.length === 0) return await run();
  try {
    // All are waited for: one that is still being made could not be removed.
    const started = await Promise.allSettled(relays.map((relay) => startRelay(relay, how.environment)));
    for (const result of started) if (result.status === "rejected") throw result.reason;
    return await run();
  } finally {
    await how.docker(["rm", "--force", ...relays.map(({ name }) => name)]);
  }
}

async function startRelay(relay: DockerRelay, environment: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn("docker", dockerRelay(relay), {
    env: environment,
    // Ctrl-C in a terminal reaches us, and we decide.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let problem = "";
  child.stderr.on("data", (chunk: Buffer) => (problem = (problem + chunk.toString()).slice(-2000)));
  if (await saysReady(child)) return;
  throw new PlatformFault("docker_failed", `The way to the gateway could not be opened: ${problem.trim()}`);
}

/** False when it ended instead. */
async function saysReady(child: ChildProcess): Promise<boolean> {
  const ended = once(child, "close").then(
    () => false,
    () => false,
  );
  const ready = child.stdout === null ? ended : once(child.stdout, "data").then(() => true);
  return await Promise.race([ready, ended]);
}

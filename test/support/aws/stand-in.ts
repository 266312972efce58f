/**
 * Stand-ins for AWS, each a process of this suite on loopback. What they are made of is downloaded once, into a cache
 * outside the repository; a machine that lacks a tool or the network is told what did not run.
 */
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { messageOf } from "@benchgen/core/error.ts";

const execute = promisify(execFile);

/** What tests give AWS's clients: no secret, as nothing checks it. */
export const standInSettings = {
  region: "us-east-1",
  credentials: { accessKeyId: "testing", secretAccessKey: "testing" },
};

export interface StandIn {
  /** `http://127.0.0.1:5000` */
  readonly endpoint: string;
  close(): Promise<void>;
}

const startPatienceMs = 180_000;
const downloadPatienceMs = 75_000;

/** Runs a tool to its end; one that waits for a network it does not have is given up. */
export async function run(command: string, args: readonly string[]): Promise<void> {
  await execute(command, args, { timeout: downloadPatienceMs });
}

/**
 * A directory of the cache, made once: half-finished ones are never seen, and two processes do not meet.
 * @param name says the version, so that another one is made anew
 */
export async function cached(name: string, make: (directory: string) => Promise<void>): Promise<string> {
  const directory = join(tmpdir(), "benchgen-stand-ins", name);
  if (existsSync(directory)) return directory;
  await mkdir(dirname(directory), { recursive: true });
  const unfinished = await mkdtemp(`${directory}-`);
  try {
    await make(unfinished);
    await rename(unfinished, directory);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!existsSync(directory)) throw error;
  }
  return directory;
}

/**
 * Runs its arguments until its standard input ends, which it does with the process that holds the other end, however
 * that process ends: no stand-in outlives its suite, not even one that was killed.
 */
const untilInputEnds = `exec 3<&0
"$@" 3<&- </dev/null & server=$!
{ cat <&3 >/dev/null; kill -9 $server; } 2>/dev/null &
wait $server`;

/** Starts a server, and resolves when it answers. */
export async function startServer(
  commandFor: (port: number) => { command: string; args: readonly string[]; cwd?: string },
): Promise<StandIn> {
  const port = await freePort();
  const { command, args, cwd } = commandFor(port);
  const words = ["-c", untilInputEnds, "stand-in", command, ...args];
  const child = spawn("sh", words, { cwd, stdio: ["pipe", "ignore", "pipe"] });
  const endpoint = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    child.stdin.end();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  try {
    await untilAnswering(endpoint, child);
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoint, close };
}

async function untilAnswering(endpoint: string, child: ChildProcess): Promise<void> {
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  for (const start = Date.now(); Date.now() - start < startPatienceMs; await sleep(100)) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const answer = await fetch(endpoint).catch(() => undefined);
    if (answer !== undefined) return void (await answer.text());
  }
  throw new Error(`a stand-in did not start: ${said}`);
}

/**
 * A port that nobody has, and that nobody is given until the server has it: below those that systems choose from for
 * connections and for whoever wants any.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** The stand-in, or, on a machine that cannot have it, why not: also told to whoever runs the suite. */
export async function startOrExplain(
  name: string,
  start: () => Promise<StandIn>,
): Promise<StandIn | { readonly endpoint: undefined; readonly missing: string; close(): Promise<void> }> {
  try {
    return await start();
  } catch (error) {
    const missing = messageOf(error).split("\n").slice(0, 3).join(" ");
    console.warn(`NOT TESTED for want of ${name}: ${missing}`);
    return { endpoint: undefined, missing, close: async () => undefined };
  }
}

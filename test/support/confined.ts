/** The helper that takes the network away, compiled here, and hostile programs under it. */
import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { programUser } from "@benchgen/core/job/container.ts";
import { compileConfine } from "../../packages/runner/build.ts";

const has = async (command: string) =>
  await promisify(execFile)(command, ["--version"]).then(
    () => true,
    () => false,
  );

/** Whether the helper can be tested here. */
export const hasCompiler = process.platform === "linux" && (await has("gcc"));
export const hasCrossCompiler = await has("aarch64-linux-gnu-gcc");
export const hasPython = await has("/usr/bin/python3");

/** As an ordinary user, whoever runs the tests: root may do what programs may not. */
export const ordinary: readonly string[] =
  process.getuid?.() === 0
    ? ["setpriv", `--reuid=${programUser.uid}`, `--regid=${programUser.gid}`, "--clear-groups"]
    : [];

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Confined extends AsyncDisposable {
  /** The helper. */
  readonly path: string;
  /** Where programs may write. */
  readonly directory: string;
  /** `arguments`: of the helper. */
  run(words: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ended>;
  start(
    words: readonly string[],
    environment?: NodeJS.ProcessEnv,
  ): ChildProcessByStdio<null, Readable, Readable>;
  /** Compiles a static program: whole, or the body of its `main`. */
  compile(name: string, source: string): Promise<string>;
}

/** Compiles the helper into a directory that ordinary users reach; gone when it is disposed of. */
export async function confined(): Promise<Confined> {
  const directory = await mkdtemp(join(tmpdir(), "benchgen-confine-"));
  await chmod(directory, 0o1777);
  const path = join(directory, "confine");
  if (hasCompiler) await compileConfine(path);
  const start = (words: readonly string[], environment: NodeJS.ProcessEnv = process.env) => {
    const [file = path, ...rest] = [...ordinary, path, ...words];
    return spawn(file, rest, { stdio: ["ignore", "pipe", "pipe"], env: environment, cwd: directory });
  };
  return {
    path,
    directory,
    start,
    async run(words, environment) {
      const child = start(words, environment);
      const [stdout, stderr, [code, signal]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "exit") as Promise<[number | null, string | null]>,
      ]);
      return { stdout, stderr, code, signal };
    },
    async compile(name, source) {
      const program = join(directory, name.replaceAll(/\W/g, "-"));
      const whole = source.includes("int main(") ? source : `int main(void) {\n${source}\n}`;
      await writeFile(`${program}.c`, `${headers}\n${whole}`);
      await promisify(execFile)("gcc", ["-static", "-pthread", "-w", "-o", program, `${program}.c`]);
      return program;
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

/** What the programs use; `tell` prints the name of the error a call ended with, or "done". */
const headers = `#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>
static void tell(long result) { puts(result < 0 ? strerrorname_np(errno) : "done"); }
static int tcp(void) { return socket(AF_INET, SOCK_STREAM, 0); }
static struct sockaddr_in at(const char *address, int port) {
  struct sockaddr_in made = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &made.sin_addr);
  return made;
}
static int to(int socket, const char *address, int port) {
  struct sockaddr_in made = at(address, port);
  return connect(socket, (struct sockaddr *)&made, sizeof made);
}
`;

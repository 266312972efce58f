/** The supervisor that makes a program's connects: what it bears, and what it gives away. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { type AddressInfo, type Server, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Confined,
  confined,
  hasCompiler,
  hasPython,
  ordinary,
} from "../../../../test/support/confined.ts";

let helper: Confined;
let server: Server;
let port: number;
beforeAll(async () => {
  helper = await confined();
  server = createServer((socket) => socket.on("error", () => undefined).end("hello"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 1024, resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  await helper[Symbol.asyncDispose]();
});

const run = (...words: string[]) => helper.run(["gateway", ...words]);

async function running(name: string, source: string) {
  const ran = await run(await helper.compile(name, source));
  return { ...ran, lines: ran.stdout.trimEnd().split("\n") };
}

describe.runIf(hasCompiler)("the supervisor of a program with a model", () => {
  test("says nothing when it is only tried out", async () => {
    expect(await run()).toEqual({ stdout: "", stderr: "", code: 0, signal: null });
  });

  test.each([
    ["its own code", "exit 7", 7],
    ["the code of a signal", "kill -SEGV $$", 139],
    ["the code of one that cannot be caught", "kill -KILL $$", 137],
  ])("ends as the program does, with %s", async (_title, script, code) => {
    expect(await run("sh", "-c", script)).toMatchObject({ code, signal: null });
  });

  test("ends when the program does, whoever that has left behind", async () => {
    expect(await run("sh", "-c", "setsid sleep 60 >/dev/null 2>&1 & exit 4")).toMatchObject({ code: 4 });
  });

  test("tells that there is no such program", async () => {
    expect(await run("no/such/program")).toMatchObject({
      code: 127,
      stderr: "confine: no/such/program: not found\n",
    });
  });

  test.each(["SIGTERM", "SIGUSR1", "SIGINT", "SIGHUP"] as const)("passes %s on", async (signal) => {
    const script = `trap 'echo caught; exit 5' ${signal.slice(3)}; echo ready; while :; do sleep 0.05; done`;
    const child = helper.start(["gateway", "sh", "-c", script]);
    const printed = text(child.stdout);
    await once(child.stdout, "data");
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([5, null]);
    expect(await printed).toBe("ready\ncaught\n");
  });

  test("leaves the program nothing: neither its descriptors, nor another's, nor its signals held back", async () => {
    const script = "ls /proc/self/fd; grep -E '^(SigBlk|SigIgn|NoNewPrivs|Seccomp):' /proc/self/status";
    const command = [...ordinary, helper.path, "gateway", "sh", "-c", `"${script}"`].join(" ");
    const { stdout } = await promisify(execFile)("sh", ["-c", `exec 7</etc/passwd; exec ${command}`]);
    expect(stdout.split("\n")).toEqual([
      // The fourth is the one that ls reads them from.
      "0",
      "1",
      "2",
      "3",
      "SigBlk:\t0000000000000000",
      // Node ignores none in its children.
      "SigIgn:\t0000000000000000",
      "NoNewPrivs:\t1",
      "Seccomp:\t2",
      "",
    ]);
  });

  test.each([
    ["traced", "ptrace(PTRACE_ATTACH, getppid(), 0, 0)", "EPERM"],
    ["seized", "ptrace(PTRACE_SEIZE, getppid(), 0, 0)", "EPERM"],
    ["robbed of its descriptors", "syscall(438, syscall(434, getppid(), 0), 3, 0)", "EPERM"],
    [
      "read",
      "process_vm_readv(getppid(), &(struct iovec){room, 8}, 1, &(struct iovec){room, 8}, 1, 0)",
      "EPERM",
    ],
    [
      "written to",
      "process_vm_writev(getppid(), &(struct iovec){room, 8}, 1, &(struct iovec){room, 8}, 1, 0)",
      "EPERM",
    ],
    ["read as a file", `open(of("mem"), O_RDWR)`, "EACCES"],
    ["listed", `open(of("fd"), O_RDONLY)`, "EACCES"],
    ["had opened anew what it has open", `open(of("fd/3"), O_RDWR)`, "EACCES"],
    ["asked for its environment", `open(of("environ"), O_RDONLY)`, "EACCES"],
    ["followed to where it is", `open(of("cwd"), O_RDONLY)`, "EACCES"],
    ["compared", "syscall(SYS_kcmp, getpid(), getppid(), 0, 0, 3)", "EPERM"],
    // That much the kernel allows, and the program is the one who cannot connect then.
    [
      "led astray by other limits",
      `(prlimit(getppid(), 7, &(long[2]){0, 0}, 0), to(tcp(), "127.0.0.1", 9))`,
      "EMFILE",
    ],
    ["replaced by a listener of one's own", "listen_anew()", "EBUSY"],
  ])("cannot be %s", async (title, call, error) => {
    const source = `#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/resource.h>
static char room[64];
static char *of(const char *name) { static char path[64]; snprintf(path, 64, "/proc/%d/%s", getppid(), name); return path; }
static long listen_anew(void) {
  struct sock_filter all[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_USER_NOTIF}};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &(struct sock_fprog){1, all});
}
int main(void) { tell(${call}); }`;
    expect((await running(`supervisor ${title}`, source)).lines).toEqual([error]);
  });

  test("takes the program's connects with it when the program has ended it", async () => {
    const source = `int main(void) {
      prctl(PR_SET_PDEATHSIG, 0);
      kill(getppid(), SIGKILL);
      while (getppid() != 1 && !access("/proc/self", F_OK) && to(tcp(), "127.0.0.1", ${port}) == 0) usleep(1000);
      tell(to(tcp(), "127.0.0.1", ${port}));
      fflush(stdout);
    }`;
    const child = helper.start(["gateway", await helper.compile("end supervisor", source)]);
    // The pipe closes when the program itself has ended, whom nobody waits for any more.
    expect(await text(child.stdout)).toBe("ENOSYS\n");
  });

  test("ends the program when it is ended itself", async () => {
    const child = helper.start(["gateway", "sh", "-c", "echo $$; exec sleep 60"]);
    const [printed] = (await once(child.stdout, "data")) as [Buffer];
    child.kill("SIGKILL");
    await once(child, "exit");
    await expect.poll(() => stateOf(Number(printed)), { timeout: 10_000 }).toMatch(/^(gone|Z)/);
  });

  test("makes a connect that takes its time, and others meanwhile", async () => {
    const { lines } = await running(
      "backlog",
      `${fullBacklog}
      int main(void) {
        int listener = fill();
        pthread_t waiting;
        pthread_create(&waiting, 0, one_more, &listener);
        usleep(200000);
        tell(to(tcp(), "127.0.0.1", ${port}));
        puts(connected ? "at once" : "waits");
        for (int i = 0; i < 3; i++) close(accept(listener, 0, 0));
        pthread_join(waiting, 0);
        puts(connected ? "connected" : "refused");
      }`,
    );
    expect(lines).toEqual(["done", "waits", "connected"]);
  });

  test("gives up a connect whose caller has died", async () => {
    const source = `${fullBacklog}
      int main(void) {
        int listener = fill();
        int child = fork();
        if (child == 0) { one_more(&listener); _exit(0); }
        usleep(300000);
        kill(child, SIGKILL);
        printf("%d\\n", getppid());
        fflush(stdout);
        pause();
      }`;
    const child = helper.start(["gateway", await helper.compile("given up", source)]);
    const [printed] = (await once(child.stdout, "data")) as [Buffer];
    // The program alone is left of its children: nobody goes on connecting.
    await expect.poll(() => childrenOf(Number(printed)), { timeout: 10_000 }).toHaveLength(1);
    child.kill("SIGKILL");
    await once(child, "exit");
  });

  test("makes a connect once, however often signals interrupt its caller", async () => {
    const { lines } = await running(
      "interrupted",
      `
      static void nothing(int signal) {}
      int main(void) {
        struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
        sigaction(SIGALRM, &action, 0);
        setitimer(ITIMER_REAL, &(struct itimerval){{0, 50}, {0, 50}}, 0);
        int failures = 0;
        for (int i = 0; i < 300; i++) {
          int socket = tcp();
          if (to(socket, "127.0.0.1", ${port}) != 0) failures++;
          close(socket);
        }
        setitimer(ITIMER_REAL, &(struct itimerval){0}, 0);
        printf("%d\\n", failures);
      }`,
    );
    expect(lines).toEqual(["0"]);
  });

  test("connects sockets of processes that have outlived their parents, and of theirs", async () => {
    // The reader ends when whoever it reads from has, and the program with it.
    const script = `(setsid sh -c 'sleep 0.2; exec "$0"' "$0" &) | cat`;
    const path = await helper.compile("orphan", `tell(to(tcp(), "127.0.0.1", ${port}));`);
    expect((await run("sh", "-c", script, path)).stdout).toBe("done\n");
  });

  test.runIf(hasPython)(
    "answers a program that hides its memory with an error, and others still",
    async () => {
      const script = `import ctypes, os, socket
if os.fork() == 0:
    ctypes.CDLL(None).prctl(4, 0)
    try: socket.create_connection(("127.0.0.1", ${port}))
    except OSError as error: print(error.strerror, flush=True)
    os._exit(0)
os.wait()
print(socket.create_connection(("127.0.0.1", ${port})).recv(9))`;
      expect(await run("/usr/bin/python3", "-c", script)).toMatchObject({
        stdout: "Operation not permitted\nb'hello'\n",
        stderr: "",
      });
    },
  );
});

/** A listener that accepts nobody, with as many waiting as it has room for; and a thread's connect of one more. */
const fullBacklog = `static struct sockaddr_in full;
  static volatile int connected;
  static int fill(void) {
    int listener = tcp();
    full = at("127.0.0.1", 0);
    socklen_t size = sizeof full;
    bind(listener, (void *)&full, size);
    listen(listener, 1);
    getsockname(listener, (void *)&full, &size);
    for (int i = 0; i < 2; i++) connect(tcp(), (void *)&full, size);
    return listener;
  }
  static void *one_more(void *unused) {
    connected = connect(tcp(), (void *)&full, sizeof full) == 0;
    return 0;
  }`;

async function stateOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return status === undefined ? "gone" : status.slice(status.lastIndexOf(")") + 2);
}

async function childrenOf(pid: number): Promise<string[]> {
  const all = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const states = await Promise.all(all.map((name) => stateOf(Number(name))));
  return states.filter((state) => state.split(" ")[1] === String(pid));
}

/** The helper that takes the network away, compiled here and put before real programs. */
import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Confined,
  confined,
  hasCompiler,
  hasCrossCompiler,
  hasPython,
} from "../../../../test/support/confined.ts";
import { compileConfine } from "../../build.ts";

let helper: Confined;
beforeAll(async () => {
  helper = await confined();
});
afterAll(() => helper[Symbol.asyncDispose]());

const run = (argv: readonly string[], environment?: NodeJS.ProcessEnv) =>
  helper.run(["none", ...argv], environment);
const calling = (name: string, call: string) => helper.compile(name, `tell(${call});`);

describe.runIf(hasCompiler)("a program without the network", () => {
  test.runIf(hasPython)("makes local sockets, and no others", async () => {
    const script = `import socket
for family in ("INET", "INET6", "PACKET", "VSOCK", "NETLINK", "ALG", "UNIX"):
    try:
        socket.socket(getattr(socket, "AF_" + family), socket.SOCK_DGRAM)
        print(family, "made")
    except PermissionError:
        print(family, "refused")
a, b = socket.socketpair()
a.send(b"x")
print(b.recv(1))`;
    expect((await run(["python3", "-c", script])).stdout.split("\n")).toEqual([
      "INET refused",
      "INET6 refused",
      "PACKET refused",
      "VSOCK refused",
      "NETLINK refused",
      "ALG refused",
      "UNIX made",
      "b'x'",
      "",
    ]);
  });

  test.runIf(hasPython)("starts others that have none either, whatever they do first", async () => {
    const connect = "import socket; socket.socket()";
    const ran = await run(["sh", "-c", `unshare --user --net true; setsid python3 -c '${connect}'`]);
    expect(ran.stderr).toMatch(/PermissionError: \[Errno 13\]/);
  });

  test.each([
    ["a socket", "socket(AF_INET, SOCK_STREAM, 0)", "EACCES"],
    // The kernel looks at 32 bits of the family, and so must the filter.
    ["a socket of a family with high bits", "syscall(SYS_socket, 0x100000002L, SOCK_STREAM, 0)", "EACCES"],
    ["a pair of sockets", "socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0})", "EACCES"],
    ["a socket of a virtual machine's host", "socket(AF_VSOCK, SOCK_STREAM, 0)", "EACCES"],
    ["io_uring, which makes sockets too", "syscall(425, 8, (char[120]){0})", "ENOSYS"],
    [
      "a key that the system looks up by DNS",
      `syscall(SYS_request_key, "dns_resolver", "a", "", -1)`,
      "ENOSYS",
    ],
  ])("is refused %s in a static program", async (title, body, error) => {
    const path = await calling(title.replaceAll(/\W/g, "-"), body);
    expect(await run([path])).toMatchObject({ stdout: `${error}\n` });
  });

  test.runIf(process.arch === "x64")("is refused the calls of x32, and ended at one of i386", async () => {
    const x32 = await calling("x32", "syscall(0x40000000 | 41, AF_INET, SOCK_STREAM, 0)");
    expect((await run([x32])).stdout).toBe("ENOSYS\n");
    const i386 = await calling("i386", `({ long r; __asm__ volatile("int $0x80" : "=a"(r) : "a"(20)); r; })`);
    expect(await run([i386])).toMatchObject({ stdout: "", signal: "SIGSYS" });
  });

  test("cannot gain privileges, and inherits no file that was open", async () => {
    const script = "grep NoNewPrivs /proc/self/status; ls /proc/self/fd";
    const ran = await run(["sh", "-c", `exec 7</etc/passwd; exec "${helper.path}" none sh -c '${script}'`]);
    // The fourth is the one that ls reads them from.
    expect(ran.stdout).toBe("NoNewPrivs:\t1\n0\n1\n2\n3\n");
  });

  test("gets its words and its environment exactly, and its own exit code through", async () => {
    const ran = await run(["sh", "-c", 'printf "%s|" "$@" "$X"; exit 7', "sh", "a b", "", "*"], {
      X: "it's",
      PATH: "/usr/bin:/bin",
    });
    expect(ran).toMatchObject({ stdout: "a b||*|it's|", code: 7 });
  });

  test("is found as a shell would find it", async () => {
    await writeFile(join(helper.directory, "script"), 'echo "script $1"');
    await chmod(join(helper.directory, "script"), 0o755);
    const found = await run(["script", "x"], { PATH: `/nonexistent::${helper.directory}:/bin` });
    expect(found).toMatchObject({ stdout: "script x\n", code: 0 });
    // A directory that may not be searched counts as one that has it.
    const reachable = { PATH: "/usr/bin:/bin" };
    expect(await run(["no-such-command"], reachable)).toMatchObject({
      code: 127,
      stderr: "confine: no-such-command: not found\n",
    });
    expect(await run(["/etc/passwd"])).toMatchObject({
      code: 126,
      stderr: "confine: /etc/passwd: may not be run\n",
    });
    expect(await run([""])).toMatchObject({ code: 127 });
  });

  test("alone, the helper only tells that the filter holds", async () => {
    expect(await run([])).toEqual({ stdout: "", stderr: "", code: 0, signal: null });
  });
});

describe.runIf(hasCompiler)("before the wrapper of a container", () => {
  /** With what the control volume says, and where the report would be. */
  async function begin(network: string | undefined, argv: readonly string[], environment = {}) {
    const [control, report] = [join(helper.directory, "network"), join(helper.directory, "exit")];
    await Promise.all([control, report].map((path) => rm(path, { force: true })));
    if (network !== undefined) await writeFile(control, network);
    const ran = await helper.run([control, report, ...argv], { PATH: "/usr/bin:/bin", ...environment });
    return { ...ran, report: await readFile(report, "utf8").catch(() => undefined) };
  }
  const tell = (name: string, call: string) => helper.compile(name, `tell(${call});`);

  test.each([
    ["none", "EACCES", "EACCES"],
    ["gateway", "done", "ENETUNREACH"],
    ["open", "done", "EINPROGRESS"],
  ])("leaves the program the network that is said: %s", async (network, made, connected) => {
    const socket = await tell("makes", "tcp()");
    expect(await begin(network, [socket])).toMatchObject({ stdout: `${made}\n`, report: undefined });
    // Of this machine's own, where nothing would answer.
    const away = `to(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "127.0.0.1", 9)`;
    const elsewhere = network === "open" ? away : away.replace("127.0.0.1", "198.51.100.7");
    const connect = await tell(`connects-${network}`, `tcp() < 0 ? -1 : ${elsewhere}`);
    expect((await begin(network, [connect])).stdout).toBe(`${connected}\n`);
  });

  test.each(["none", "gateway", "open"])(
    "hides what the platform tells every container: %s",
    async (network) => {
      const told = {
        ECS_CONTAINER_METADATA_URI_V4: "http://169.254.170.2/v4/id",
        AWS_EXECUTION_ENV: "AWS_ECS_FARGATE",
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials",
        ODD: "line\nAWS_x y=1",
        KEPT: "kept",
      };
      const ran = await begin(network, ["sh", "-c", "env; tr '\\0' '\\n' </proc/$PPID/environ"], told);
      expect(ran.stdout.split("\n").filter((line) => /^(AWS|ECS)_[A-Z]/.test(line))).toEqual([]);
      expect(ran.stdout).toContain("KEPT=kept\n");
      expect(ran.stdout).toContain("ODD=line\nAWS_x y=1\n");
    },
  );

  test.each([
    [
      "that nobody has said which network there may be",
      undefined,
      "sh",
      /^unconfined=confine: .* cannot be read\n/,
    ],
    ["that what is said is none", "other", "sh", /^unconfined=confine: which network/],
    ["that the program is not there", "none", "no-such-command", /^exit_code=127\n/],
    ["that the program cannot be run", "gateway", "/etc/passwd", /^exit_code=126\n/],
  ])("reports %s, and ends well", async (_title, network, program, report) => {
    const ran = await begin(network, [program, "-c", "echo started"]);
    expect(ran).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(ran.report).toMatch(report);
  });

  test("reports that the kernel takes no supervisor, and starts nothing", async () => {
    // The filter within which it is started refuses the sockets it tries out.
    const [control, report] = [join(helper.directory, "network"), join(helper.directory, "refused")];
    await writeFile(control, "gateway");
    const ran = await run([helper.path, control, report, "sh", "-c", "echo started"]);
    expect(ran).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(await readFile(report, "utf8")).toBe("unconfined=confine: no socket can be made\n");
  });

  test("gives the program's own exit code", async () => {
    for (const network of ["none", "gateway", "open"]) {
      expect((await begin(network, ["sh", "-c", "exit 5"])).code).toBe(5);
    }
  });
});

test.runIf(hasCrossCompiler)("is compiled for the other processor that jobs may run on", async () => {
  const path = join(helper.directory, "confine-arm64");
  await compileConfine(path, "aarch64-linux-gnu-gcc");
  // In an ELF file's header: EM_AARCH64.
  expect((await readFile(path)).readUInt16LE(18)).toBe(183);
});

test.runIf(!hasCompiler)("NOT TESTED: how the network is taken away from programs", ({ skip }) => {
  console.warn("NOT TESTED: confine.c, because there is no gcc here. Type: apt install gcc libc6-dev");
  skip("there is no gcc here");
});

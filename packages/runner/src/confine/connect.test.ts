/** What a program with a model can connect to: loopback and local sockets, however it goes about it. */
import { type AddressInfo, type Server, createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Confined, confined, hasCompiler, hasPython } from "../../../../test/support/confined.ts";

let helper: Confined;
/** Answers "hello" and hangs up; on every address of this machine. */
let server: Server;
let port: number;
/** The addresses that were connected to. */
const reached: string[] = [];
beforeAll(async () => {
  helper = await confined();
  server = createServer((socket) => {
    reached.push(socket.localAddress ?? "");
    socket.on("error", () => undefined).end("hello");
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", 1024, resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  await helper[Symbol.asyncDispose]();
});

/** This machine's address for others: packets for it never leave, and yet it is not loopback. */
const outer = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

const run = (...words: string[]) => helper.run(["gateway", ...words]);

async function running(name: string, source: string) {
  return (await run(await helper.compile(name, source))).stdout.trimEnd().split("\n");
}

const python = (script: string) => run("/usr/bin/python3", "-c", script);

describe.runIf(hasCompiler)("a program with a model", () => {
  test.each([
    ["loopback", "tell(to(tcp(), HOST, PORT))", "done"],
    ["another address of loopback", `tell(to(tcp(), "127.9.8.7", PORT))`, "done"],
    ["a port where nobody listens", "tell(to(tcp(), HOST, 1))", "ECONNREFUSED"],
    [
      "loopback without waiting",
      "tell(to(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), HOST, PORT))",
      "EINPROGRESS",
    ],
    ["loopback twice on one socket", "int s = tcp(); to(s, HOST, PORT); tell(to(s, HOST, 1))", "EISCONN"],
    ["what ECS tells of the task", `tell(to(tcp(), "169.254.170.2", 80))`, "ENETUNREACH"],
    ["another machine", `tell(to(tcp(), "198.51.100.7", 443))`, "ENETUNREACH"],
    ["this machine by its other name", `tell(to(tcp(), "${outer ?? "192.0.2.1"}", PORT))`, "ENETUNREACH"],
    ["no address at all", `tell(to(tcp(), "0.0.0.0", PORT))`, "ENETUNREACH"],
    [
      "an address of IPv6",
      "struct sockaddr_in6 a = {AF_INET6}; tell(connect(tcp(), &a, sizeof a))",
      "EAFNOSUPPORT",
    ],
    ["an address that is not there", "tell(connect(tcp(), (void *)8, 16))", "EFAULT"],
    ["half an address", `struct sockaddr_in a = at(HOST, PORT); tell(connect(tcp(), &a, 8))`, "EINVAL"],
    [
      "an address of negative length",
      `struct sockaddr_in a = at(HOST, PORT); tell(connect(tcp(), &a, -1))`,
      "EINVAL",
    ],
    ["anything by a file", "tell(to(0, HOST, PORT))", "ENOTSOCK"],
    ["anything by nothing", "tell(to(99, HOST, PORT))", "EBADF"],
  ])("connecting to %s", async (title, body, answer) => {
    const source = body.replaceAll("HOST", '"127.0.0.1"').replaceAll("PORT", String(port));
    expect(await running(`connect ${title}`, `${source};`)).toEqual([answer]);
  });

  test.each([
    ["datagrams, and with them DNS", "socket(AF_INET, SOCK_DGRAM, 0)", "EACCES"],
    ["raw packets", "socket(AF_INET, SOCK_RAW, 1)", "EACCES"],
    ["packets by an old name", "socket(AF_INET, 10, 0)", "EACCES"],
    ["a pair of its own", "socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0})", "EACCES"],
    ["TCP over several paths", "socket(AF_INET, SOCK_STREAM, 262)", "EPROTONOSUPPORT"],
    ["SMC instead of TCP", "socket(AF_INET, SOCK_STREAM, 256)", "EPROTONOSUPPORT"],
    ["TCP over IPv6", "socket(AF_INET6, SOCK_STREAM, 0)", "EAFNOSUPPORT"],
    ["a family with high bits", "syscall(SYS_socket, 0x10000000aL, SOCK_STREAM, 0)", "EAFNOSUPPORT"],
    ["netlink", "socket(AF_NETLINK, SOCK_RAW, 0)", "EACCES"],
    ["a virtual machine's host", "socket(AF_VSOCK, SOCK_STREAM, 0)", "EACCES"],
    ["a fast open with `sendto`", "sendto(tcp(), A, 1, MSG_FASTOPEN, A, sizeof *A)", "EOPNOTSUPP"],
    [
      "a fast open with `sendmsg`",
      "sendmsg(tcp(), &(struct msghdr){A, sizeof *A}, MSG_FASTOPEN)",
      "EOPNOTSUPP",
    ],
    [
      "a fast open with `sendmmsg`",
      "sendmmsg(tcp(), &(struct mmsghdr){{A, sizeof *A}}, 1, MSG_FASTOPEN)",
      "EOPNOTSUPP",
    ],
    [
      "a fast open by an option",
      "setsockopt(tcp(), SOL_TCP, TCP_FASTOPEN_CONNECT, (int[]){1}, 4)",
      "ENOPROTOOPT",
    ],
    [
      "a route of its own",
      `setsockopt(tcp(), SOL_IP, IP_OPTIONS, "\\x83\\x07\\x04\\x08\\x08\\x08\\x08", 7)`,
      "ENOPROTOOPT",
    ],
    ["an interface of its own", `setsockopt(tcp(), SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5)`, "EPERM"],
    ["an interface by its number", "setsockopt(tcp(), SOL_SOCKET, 62, (int[]){2}, 4)", "EPERM"],
    ["io_uring", "syscall(425, 8, (char[120]){0})", "ENOSYS"],
    [
      "keys that the system looks up by DNS",
      `syscall(SYS_request_key, "dns_resolver", "a", "", -1)`,
      "ENOSYS",
    ],
  ])("is refused %s", async (title, call, error) => {
    const address = 'struct sockaddr_in a = at("198.51.100.7", 443), *A = &a;';
    expect(await running(title, `${address} tell(${call});`)).toEqual([error]);
  });

  test("sends, and sets options, as usual", async () => {
    const source = `int s = tcp();
      tell(setsockopt(s, SOL_TCP, TCP_NODELAY, (int[]){1}, 4));
      tell(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (int[]){1}, 4));
      tell(setsockopt(s, SOL_IP, IP_TOS, (int[]){0}, 4));
      to(s, "127.0.0.1", ${port});
      tell(sendto(s, "x", 1, MSG_NOSIGNAL, 0, 0));
      char answer[6] = {0};
      read(s, answer, 5);
      puts(answer);`;
    expect(await running("sends", source)).toEqual(["done", "done", "done", "done", "hello"]);
  });

  test.runIf(process.arch === "x64")("is refused the calls of x32, and ended at one of i386", async () => {
    expect(await running("x32", "tell(syscall(0x40000000 | 42, tcp(), 0, 0));")).toEqual(["ENOSYS"]);
    const i386 = await helper.compile("i386", `__asm__ volatile("int $0x80" :: "a"(362)); puts("went on");`);
    // 128 and the number of SIGSYS.
    expect(await run(i386)).toMatchObject({ stdout: "", code: 159 });
  });

  test("cannot be quicker than the one who judges the address", async () => {
    const ran = await running(
      "address-race",
      raceOf(`((unsigned char *)&address.sin_addr)[0] ^= 127 ^ OTHER;`),
    );
    expect(ran).toEqual(["over"]);
    expect(reached.every((address) => address.startsWith("127."))).toBe(true);
  });

  test("cannot be quicker than the one who takes the socket", async () => {
    const ran = await running("socket-race", raceOf("dup2(local, shared); dup2(other, shared);"));
    expect(ran).toEqual(["over"]);
    expect(reached.every((address) => address.startsWith("127."))).toBe(true);
  });

  /** Threads connect one descriptor over and over, to addresses of which one is not allowed, while another interferes. */
  function raceOf(interfere: string): string {
    const address = outer ?? "192.0.2.1";
    return `static int shared, local, other;
      static volatile int over;
      static struct sockaddr_in address;
      static void *interfering(void *unused) { while (!over) { ${interfere.replace("OTHER", address.split(".")[0]!)} } }
      int main(void) {
        alarm(60);
        pthread_t thread;
        address = at("${address}", ${port});
        struct sockaddr_un path = {AF_UNIX, "/nowhere"};
        local = socket(AF_UNIX, SOCK_STREAM, 0), other = tcp(), shared = dup(other);
        pthread_create(&thread, 0, interfering, 0);
        for (int i = 0; i < 1500; i++) {
          dup2(other, shared);
          connect(shared, (void *)&address, sizeof address);
          connect(shared, (void *)&path, sizeof path);
          close(other);
          other = tcp();
        }
        over = 1;
        pthread_join(thread, 0);
        puts("over");
      }`;
  }
});

describe.runIf(hasCompiler && hasPython)("a program in Python with a model", () => {
  test("connects from 200 threads at once, and without waiting from 200 tasks", async () => {
    const ran = await python(`import asyncio, concurrent.futures, socket
def one(_):
    with socket.create_connection(("localhost", ${port}), timeout=20) as s: return s.recv(9)
with concurrent.futures.ThreadPoolExecutor(200) as pool: print(set(pool.map(one, range(400))))
async def task():
    reader, writer = await asyncio.open_connection("127.0.0.1", ${port})
    try: return await reader.read()
    finally: writer.close()
async def tasks(): print(set(await asyncio.gather(*(task() for _ in range(200)))))
asyncio.run(tasks())`);
    expect(ran).toMatchObject({ stdout: "{b'hello'}\n{b'hello'}\n", stderr: "" });
  });

  test("hears of a socket that it watched before it was connected", async () => {
    const ran = await python(`import select, socket
s = socket.socket(); s.setblocking(False)
watch = select.epoll(); watch.register(s, select.EPOLLIN | select.EPOLLOUT | select.EPOLLET)
watch.poll(0)
print(s.connect_ex(("127.0.0.1", ${port})))
while not any(event & select.EPOLLIN for _, event in watch.poll(20)): pass
print(s.recv(9), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))`);
    expect(ran).toMatchObject({ stdout: "115\nb'hello' 0\n", stderr: "" });
  });

  test("is told at once that names cannot be looked up, and that a network is out of reach", async () => {
    const ran = await python(`import urllib.request
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for url in ("https://example.com/", "http://169.254.170.2/"):
    try: direct.open(url)
    except OSError as error: print(error.reason)`);
    expect(ran.stdout.split("\n")).toEqual([
      "[Errno -3] Temporary failure in name resolution",
      "[Errno 101] Network is unreachable",
      "",
    ]);
  });

  test("has local sockets: by path, by path from where it is, by abstract name, and through managers", async () => {
    const ran = await python(`import multiprocessing, os, socket
os.makedirs("confined-%d/deep" % os.getpid()); os.chdir("confined-%d" % os.getpid())
def serve(name):
    server = socket.socket(socket.AF_UNIX); server.bind(name); server.listen(); servers.append(server); return server
servers = []
for name, asked in (("deep/path", "deep/path"), ("other", os.getcwd() + "/other"), ("\\0benchgen-%d" % os.getpid(),) * 2):
    server = serve(name)
    client = socket.socket(socket.AF_UNIX); client.connect(asked)
    peer, _ = server.accept(); client.send(b"x"); print(peer.recv(1))
os.chdir("deep")
client = socket.socket(socket.AF_UNIX)
for name in ("path", "../path", "a" * 200):
    try: client.connect(name)
    except OSError as error: print(type(error).__name__)
    else: print("connected")
datagrams = [socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2)]
datagrams[0].bind("to"); datagrams[1].connect("to"); datagrams[1].send(b"y"); print(datagrams[0].recv(1))
datagrams[1].sendto(b"z", "to"); print(datagrams[0].recv(1))
with multiprocessing.Manager() as manager:
    shared = manager.dict()
    child = multiprocessing.Process(target=shared.update, args=({1: 2},)); child.start(); child.join()
    print(dict(shared))`);
    expect(ran.stderr).toBe("");
    expect(ran.stdout.trimEnd().split("\n")).toEqual([
      ...Array<string>(3).fill("b'x'"),
      "connected",
      "FileNotFoundError",
      "OSError",
      "b'y'",
      "b'z'",
      "{1: 2}",
    ]);
  });
});

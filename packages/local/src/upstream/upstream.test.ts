import { execFile } from "node:child_process";
import { once } from "node:events";
import { type RequestListener, type Server, createServer } from "node:http";
import { type AddressInfo, type Server as SocketServer, createServer as createSocketServer } from "node:net";
import { promisify } from "node:util";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { InvalidInput } from "@benchgen/core/error.ts";
import { type Upstream, UpstreamFailed } from "@benchgen/core/ports.ts";
import { afterEach, describe, expect, it } from "vitest";
import { type Resolve, type UpstreamOptions, createUpstream } from "./upstream.ts";

const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

const local = (more: Partial<UpstreamOptions> = {}) => createUpstream({ allowLoopback: true, ...more });
const deployed = (more: Partial<UpstreamOptions> = {}) => createUpstream({ allowLoopback: false, ...more });

async function faultOf(sent: Promise<unknown>): Promise<string> {
  const error = await sent.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UpstreamFailed);
  return (error as UpstreamFailed).fault;
}

const get = (url: string) => ({ method: "GET", url, headers: {} }) as const;

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

/** What a server on that port answers. On a machine that is busy, even the beginning of it may come too late. */
async function whole(upstream: Upstream, port: number): Promise<string> {
  return read((await upstream.send(get(`http://127.0.0.1:${port}/`))).body);
}

describe("assertUrl", () => {
  it.each([
    "http://api.example.com/v1",
    "ftp://api.example.com",
    "https://user:pass@api.example.com/v1",
    "https://api.example.com/v1?key=1",
    "https://169.254.169.254/latest",
    "https://[::ffff:10.0.0.1]/v1",
    "https://0x7f.1/v1",
    "https://2130706433/v1",
    "https://127.0.0.1/v1",
    "https://127.0.0.1./v1",
    "https://127.1/v1",
    "https://0/v1",
    "https://0177.0.0.1/v1",
    "https://0x7f000001/v1",
    "https://017700000001/v1",
    "https://１２７.0.0.1/v1",
    "https://127。0。0。1/v1",
    "https://%31%32%37.0.0.1/v1",
    "https://[::]/v1",
    "https://[::1]/v1",
    "https://[::ffff:a9fe:a9fe]/v1",
    "https://[::ffff:8.8.8.8]/v1",
    "https://[64:ff9b::7f00:1]/v1",
    "https://[2002:7f00:1::]/v1",
    "https://[2001:0:7f00:1::]/v1",
    "https://[fe80::1%25eth0]/v1",
    "https://[fd00:ec2::254]/v1",
    "https://api.example.com@127.0.0.1/v1",
    "https://api.example.com:pass@127.0.0.1/v1",
    "https://127.0.0.1%00.example.com/v1",
    "https://api.example.com/v1#",
    "https://api.example.com/v1#/x",
    "file:///etc/passwd",
    "data:application/json,{}",
    "unix:/var/run/docker.sock",
    "//api.example.com/v1",
    "",
  ])("refuses %s in a deployment", (url) => {
    expect(() => deployed().assertUrl(url)).toThrow(InvalidInput);
  });

  it.each(["https://api.example.com/v1", "https://api.example.com./v1", "https://8.8.8.8:8443/v1"])(
    "takes %s",
    (url) => {
      expect(() => deployed().assertUrl(url)).not.toThrow();
    },
  );

  it("takes loopback by http on one machine, and no other address by http", () => {
    expect(() => local().assertUrl("http://127.0.0.1:11434/v1")).not.toThrow();
    expect(() => local().assertUrl("http://localhost:11434/v1")).not.toThrow();
    expect(() => local().assertUrl("http://models.localhost.:11434/v1")).not.toThrow();
    expect(() => local().assertUrl("http://8.8.8.8/v1")).toThrow(InvalidInput);
    expect(() => local().assertUrl("http://api.example.com/v1")).toThrow("http is for this machine alone");
    expect(() => local().assertUrl("http://localhost.example.com/v1")).toThrow(InvalidInput);
    expect(() => local().assertUrl("https://10.0.0.1/v1")).toThrow(InvalidInput);
  });
});

describe("send", () => {
  it("gives status, headers and the bytes of the answer", async () => {
    const port = await serve((_request, response) => response.writeHead(201, { "x-a": "b" }).end("hello"));
    const response = await local().send(get(`http://127.0.0.1:${port}/`));
    expect([response.status, response.headers["x-a"], await read(response.body)]).toEqual([
      201,
      "b",
      "hello",
    ]);
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
    ["zstd", zstdCompressSync],
  ])("gives the bytes of an answer behind %s, which it did not ask for", async (coding, compress) => {
    const seen: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      seen.push(request.headers["accept-encoding"]?.toString());
      response.writeHead(200, { "content-encoding": coding }).end(compress("hello"));
    });
    const { body } = await local().send(get(`http://127.0.0.1:${port}/`));
    expect([await read(body), seen]).toEqual(["hello", ["identity"]]);
  });

  it.each([
    ["is cut", gzipSync("hello").subarray(0, 12)],
    ["is none", Buffer.from("hello")],
  ])("takes what %s of a compressed answer for one that ended too early", async (_what, bytes) => {
    const port = await serve((_request, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(bytes),
    );
    const { body } = await local().send(get(`http://127.0.0.1:${port}/`));
    expect(await faultOf(read(body))).toBe("cut");
  });

  it("refuses a name that resolves to an address inside, whatever it resolved to before", async () => {
    let asked = 0;
    const port = await serve((_request, response) => response.end());
    const rebinding: Resolve = (_hostname, callback) => {
      asked += 1;
      callback(null, [{ address: "127.0.0.1", family: 4 }]);
    };
    const upstream = deployed({ resolve: rebinding });
    expect(() => upstream.assertUrl(`https://model.example.com:${port}/`)).not.toThrow();
    expect(await faultOf(upstream.send(get(`https://model.example.com:${port}/`)))).toBe("refused");
    expect(asked).toBe(1);
  });

  it.each([
    ["the cloud's metadata", ["169.254.169.254"]],
    ["one of several", ["8.8.8.8", "10.0.0.1"]],
    ["a mapped address", ["::ffff:127.0.0.1"]],
    ["NAT64's of this machine", ["64:ff9b::7f00:1"]],
    ["a link-local with its zone", ["fe80::1%lo"]],
    ["any address of this machine", ["0.0.0.0"]],
    ["what is no address", ["localhost"]],
    ["nothing", []],
  ])("refuses a name that resolves to %s", async (_what, addresses) => {
    const resolve: Resolve = (_hostname, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    expect(await faultOf(deployed({ resolve }).send(get("https://model.example.com/")))).toBe("refused");
  });

  it("refuses plain http to a name that is not this machine", async () => {
    const outside: Resolve = (_hostname, callback) => callback(null, [{ address: "8.8.8.8", family: 4 }]);
    for (const host of ["model.example.com", "model.localhost"])
      expect(await faultOf(local({ resolve: outside }).send(get(`http://${host}/`)))).toBe("refused");
  });

  it("does not follow a redirect", async () => {
    const port = await serve((_request, response) =>
      response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
    );
    expect((await local().send(get(`http://127.0.0.1:${port}/`))).status).toBe(302);
  });

  it("says when nobody listens", async () => {
    expect(await faultOf(local().send(get("http://127.0.0.1:1/")))).toBe("unreachable");
  });

  it("asks no proxy, whatever the environment says", async () => {
    const seen: (string | undefined)[] = [];
    const proxy = await serve((request, response) => {
      seen.push(request.url);
      response.end("proxy");
    });
    const port = await serve((_request, response) => response.end("model"));
    const script = `
      import { createUpstream } from ${JSON.stringify(new URL("./upstream.ts", import.meta.url).href)};
      const upstream = createUpstream({ allowLoopback: true });
      const { body } = await upstream.send({ method: "GET", url: "http://127.0.0.1:${port}/", headers: {} });
      for await (const bytes of body) process.stdout.write(bytes);
    `;
    const url = `http://127.0.0.1:${proxy}`;
    const proxies = { HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url, https_proxy: url, ALL_PROXY: url };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", script],
      { env: { ...process.env, ...proxies, NODE_USE_ENV_PROXY: "1", NO_PROXY: "", no_proxy: "" } },
    );
    expect([stdout, seen]).toEqual(["model", []]);
  });

  it("refuses headers without an end", async () => {
    const port = await serve((_request, { socket }) => {
      socket?.write("HTTP/1.1 200 OK\r\n");
      const more = () =>
        void (socket?.writable && socket.write(`x-more: ${"x".repeat(1000)}\r\n`, () => setImmediate(more)));
      more();
    });
    expect(await faultOf(local().send(get(`http://127.0.0.1:${port}/`)))).toBe("unreachable");
  });

  it.each([
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "SSH-2.0-x\r\n",
    "\0",
  ])("does not speak with what is no HTTP server: %j", async (greeting) => {
    const server: SocketServer = createSocketServer((socket) => {
      socket.on("error", () => {});
      socket.end(greeting);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await faultOf(local().send(get(`http://127.0.0.1:${port}/`)))).toBe("unreachable");
    server.close();
  });

  it("says when a server speaks http where https was asked for", async () => {
    const port = await serve((_request, response) => response.end());
    const sent = local().send(get(`https://127.0.0.1:${port}/`));
    await expect(sent).rejects.toThrow("does not speak TLS");
  });

  it("gives up on an endpoint that takes a connection and no handshake", async () => {
    const server = createSocketServer(() => {});
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await faultOf(local({ connectMs: 50 }).send(get(`https://127.0.0.1:${port}/`)))).toBe("slow");
    server.close();
  });

  it("gives up on an answer that goes on for ever", async () => {
    const port = await serve((_request, response) => {
      const timer = setInterval(() => response.write("more"), 5);
      response.once("close", () => clearInterval(timer));
    });
    expect(await faultOf(whole(local({ wholeMs: 150 }), port))).toBe("slow");
  });

  it("gives up on an endpoint that says nothing", async () => {
    const port = await serve(() => {});
    expect(await faultOf(local({ idleMs: 50 }).send(get(`http://127.0.0.1:${port}/`)))).toBe("slow");
  });

  it("gives up on an answer that stops in the middle", async () => {
    const port = await serve((_request, response) => response.write("half"));
    expect(await faultOf(whole(local({ idleMs: 100 }), port))).toBe("slow");
  });

  it("says when an answer is cut", async () => {
    const port = await serve((_request, response) => response.write("half", () => response.destroy()));
    const response = await local().send(get(`http://127.0.0.1:${port}/`));
    expect(await faultOf(read(response.body))).toBe("cut");
  });

  it("ends when it is told to", async () => {
    const port = await serve(() => {});
    const abort = new AbortController();
    const sent = local().send({ ...get(`http://127.0.0.1:${port}/`), signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(sent).rejects.toThrow("enough");
  });
});

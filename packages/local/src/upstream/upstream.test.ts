import { once } from "node:events";
import { type RequestListener, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InvalidInput } from "@benchgen/core/error.ts";
import { UpstreamFailed } from "@benchgen/core/ports.ts";
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
  ])("refuses %s in a deployment", (url) => {
    expect(() => deployed().assertUrl(url)).toThrow(InvalidInput);
  });

  it("takes loopback by http on one machine, and no other address by http", () => {
    expect(() => local().assertUrl("http://127.0.0.1:11434/v1")).not.toThrow();
    expect(() => local().assertUrl("http://localhost:11434/v1")).not.toThrow();
    expect(() => local().assertUrl("http://8.8.8.8/v1")).toThrow(InvalidInput);
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

  it("refuses when one of several addresses is inside", async () => {
    const mixed: Resolve = (_hostname, callback) =>
      callback(null, [
        { address: "8.8.8.8", family: 4 },
        { address: "169.254.169.254", family: 4 },
      ]);
    expect(await faultOf(deployed({ resolve: mixed }).send(get("https://model.example.com/")))).toBe(
      "refused",
    );
  });

  it("refuses plain http to a name that is not this machine", async () => {
    const outside: Resolve = (_hostname, callback) => callback(null, [{ address: "8.8.8.8", family: 4 }]);
    expect(await faultOf(local({ resolve: outside }).send(get("http://model.example.com/")))).toBe("refused");
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

  it("gives up on an endpoint that says nothing", async () => {
    const port = await serve(() => {});
    expect(await faultOf(local({ idleMs: 50 }).send(get(`http://127.0.0.1:${port}/`)))).toBe("slow");
  });

  it("gives up on an answer that stops in the middle", async () => {
    const port = await serve((_request, response) => response.write("half"));
    const response = await local({ idleMs: 100 }).send(get(`http://127.0.0.1:${port}/`));
    expect(await faultOf(read(response.body))).toBe("slow");
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

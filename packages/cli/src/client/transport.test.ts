import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { Client } from "./client.ts";
import { httpTransport } from "./transport.ts";

let server: Server | undefined;
afterEach(() => server?.close());

async function clientOf(listener: RequestListener, token?: string): Promise<Client> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Client({ transport: httpTransport, url, token, signal: new AbortController().signal });
}

it("says that no server is there, and what to type", async () => {
  const client = await clientOf(() => {});
  await new Promise((resolve) => server!.close(resolve));
  await expect(client.health()).rejects.toMatchObject({
    code: "server_unreachable",
    message: expect.stringContaining("nothing listens there"),
    hint: expect.stringContaining("benchgen serve"),
    exit: 1,
  });
});

it("turns a problem into its message, code and hint", async () => {
  const problem = {
    type: "about:blank",
    title: "Conflict",
    status: 409,
    code: "phase_closed",
    detail: "Closed.",
    hint: "Wait.",
  };
  const client = await clientOf((_request, response) => response.writeHead(409).end(JSON.stringify(problem)));
  await expect(client.health()).rejects.toMatchObject({
    code: "phase_closed",
    message: "Closed.",
    hint: "Wait.",
    exit: 2,
  });
});

it("says how to give a token when one is missing", async () => {
  const problem = {
    type: "about:blank",
    title: "Unauthorized",
    status: 401,
    code: "token_missing",
    detail: "No token.",
  };
  const client = await clientOf((_request, response) => response.writeHead(401).end(JSON.stringify(problem)));
  await expect(client.health()).rejects.toMatchObject({ hint: expect.stringContaining("--token"), exit: 2 });
});

it("recognises a server that is not benchgen", async () => {
  const client = await clientOf((_request, response) => response.end("<html>hello</html>"));
  await expect(client.health()).rejects.toMatchObject({ code: "not_benchgen" });
});

it("shows the message of a store that answers in XML", async () => {
  const client = await clientOf((_request, response) =>
    response.writeHead(403).end("<Error><Code>X</Code><Message>Request has expired</Message></Error>"),
  );
  await expect(client.health()).rejects.toMatchObject({
    message: expect.stringMatching(/403.*Request has expired/),
  });
});

it("reads again when a connection breaks", async () => {
  let calls = 0;
  const client = await clientOf((request, response) => {
    if (++calls === 1) request.socket.destroy();
    else response.end(JSON.stringify({ status: "ok", version: "0.1.0" }));
  });
  expect(await client.health()).toEqual({ status: "ok", version: "0.1.0" });
});

it("follows no redirect, which could carry the token elsewhere", async () => {
  const client = await clientOf((_request, response) =>
    response.writeHead(302, { location: "http://127.0.0.1:9/" }).end(),
  );
  await expect(client.health()).rejects.toMatchObject({ code: "http_error" });
});

it("sends an upload with its exact length, every signed header, and no token", async () => {
  const seen: Record<string, unknown>[] = [];
  const client = await clientOf((request, response) => {
    void readText(request).then((body) => {
      seen.push({ ...request.headers, method: request.method, body });
      return response.end();
    });
  }, "bg_secret");
  const headers = { "content-type": "application/zip", "x-amz-checksum-sha256": "abc=" };
  const put = {
    method: "PUT" as const,
    url: client.url("/blobs/x"),
    headers,
    expiresAt: "2026-03-25T06:00:00Z",
  };
  const body = ReadableStream.from([Buffer.from("hello "), Buffer.from("world")]);
  await client.putUpload(put, body, 11);
  expect(seen).toEqual([
    expect.objectContaining({ ...headers, "content-length": "11", method: "PUT", body: "hello world" }),
  ]);
  expect(seen[0]).not.toHaveProperty("authorization");
  expect(seen[0]).not.toHaveProperty("transfer-encoding");
});

it("sends the token with every request of the API, and names an environment as one segment of the path", async () => {
  const seen: (string | undefined)[] = [];
  const client = await clientOf((request, response) => {
    seen.push(request.url, request.headers.authorization);
    response.writeHead(204).end();
  }, "bg_secret");
  await client.revokeToken("tok_01jd0c2v5w8x9y0z1a2b3c4d5e");
  await client.downloadBundle("lab/penguins", 2);
  expect(seen).toEqual([
    "/tokens/tok_01jd0c2v5w8x9y0z1a2b3c4d5e",
    "Bearer bg_secret",
    "/environments/lab~penguins/versions/2/bundle",
    "Bearer bg_secret",
  ]);
});

it("ends a stream of events when it is asked to, however long it has been open", async () => {
  const closed = Promise.withResolvers<void>();
  await clientOf((_request, response) => {
    response.on("close", () => closed.resolve());
    response.write(": keep-alive\n\n");
  });
  const ending = new AbortController();
  const url = `http://127.0.0.1:${(server!.address() as AddressInfo).port}`;
  const client = new Client({ transport: httpTransport, url, token: undefined, signal: ending.signal });
  const events = (await client.followEvents()).next();
  collectGarbage();
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  ending.abort();
  await expect(events).rejects.toThrow("aborted");
  await closed.promise;
});

/** Node offers it only behind a flag, which can be set while it runs. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

it("reads a long answer from the server's store, and sends no token there", async () => {
  const seen: (string | undefined)[] = [];
  const client = await clientOf((request, response) => {
    seen.push(request.headers.authorization);
    if (request.url === "/health")
      response.writeHead(303, { location: `http://${request.headers.host}/store?signature=1` }).end();
    else response.end(JSON.stringify({ status: "ok", version: "0.1.0" }));
  }, "secret");
  expect(await client.health()).toEqual({ status: "ok", version: "0.1.0" });
  expect(seen).toEqual(["Bearer secret", undefined]);
});

it.each(["http://store.example/answer", "https://169.254.169.254/", "/relative", "file:///etc/passwd", ""])(
  "goes nowhere a store cannot be, whatever a server says: %j",
  async (location) => {
    const asked: string[] = [];
    const client = new Client({
      transport: async ({ url }) => {
        asked.push(url);
        return new Response(null, { status: 303, headers: { location } });
      },
      url: "https://api.example",
      token: "secret",
      signal: new AbortController().signal,
    });
    await expect(client.health()).rejects.toMatchObject({ code: "url_refused" });
    expect(asked).toEqual(["https://api.example/health"]);
  },
);

it("goes no further than the store, and nowhere with what it sends", async () => {
  const paths: (string | undefined)[] = [];
  const client = await clientOf((request, response) => {
    paths.push(request.url);
    response.writeHead(303, { location: `http://${request.headers.host}/store` }).end();
  });
  await expect(client.health()).rejects.toMatchObject({ code: "http_error" });
  const sent = client.createSubmission("upl_01jd0c2v5w8x9y0z1a2b3c4d5e");
  await expect(sent).rejects.toMatchObject({ code: "http_error" });
  expect(paths).toEqual(["/health", "/store", "/submissions"]);
});

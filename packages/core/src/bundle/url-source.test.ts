import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { InvalidInput, PlatformFault } from "../error.ts";
import { collect, readBytes } from "./byte-source.ts";
import { zipBytes } from "./fixture.ts";
import { urlSource } from "./url-source.ts";
import { openZip } from "./zip-archive.ts";

const content = Buffer.from("0123456789");
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server on loopback; gives its URL. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/bundle.zip`;
}

function ranged(bytes: Buffer, tag = '"1"') {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const last = Math.min(Number(end), bytes.length - 1);
    const contentRange = `bytes ${start}-${last}/${bytes.length}`;
    response.writeHead(206, { "content-range": contentRange, etag: tag, connection: "close" });
    response.end(bytes.subarray(Number(start), last + 1));
  };
}

test("reads ranges, and a member of a zip without downloading the rest", async () => {
  const source = await urlSource(await serve(ranged(content)));
  expect(source.size).toBe(10);
  expect(Buffer.from(await readBytes(source, 3, 7)).toString()).toBe("3456");
  const bytes = Buffer.from(await zipBytes({ "a.txt": "hello", big: Buffer.alloc(3_000_000) }));
  const archive = await openZip(await urlSource(await serve(ranged(bytes))));
  expect(Buffer.from(await collect(await archive.open(archive.entries[0]!), 100)).toString()).toBe("hello");
});

test("refuses redirects, servers without ranges, and what it may not read", async () => {
  const elsewhere = await serve(ranged(content));
  const redirect = await serve((_, response) => response.writeHead(302, { location: elsewhere }).end());
  await expect(urlSource(redirect)).rejects.toBeInstanceOf(PlatformFault);
  const whole = await serve((_, response) => response.writeHead(200).end(content));
  await expect(urlSource(whole)).rejects.toMatchObject({ code: "url_unreadable" });
  const forbidden = await serve((_, response) => response.writeHead(403).end());
  await expect(urlSource(forbidden)).rejects.toBeInstanceOf(InvalidInput);
  const broken = await serve((_, response) => response.writeHead(503).end());
  await expect(urlSource(broken)).rejects.toBeInstanceOf(PlatformFault);
});

test("notices content that changes, and answers that are cut short", async () => {
  let tag = '"1"';
  const changing = await urlSource(
    await serve((request, response) => ranged(content, tag)(request, response)),
  );
  tag = '"2"';
  await expect(changing.read(0, 5)).rejects.toMatchObject({ code: "url_unreadable" });
  let cut = false;
  const cutting = await urlSource(
    await serve((request, response) => {
      if (!cut) return ranged(content)(request, response);
      response.writeHead(206, { "content-range": "bytes 0-9/10", etag: '"1"', connection: "close" });
      return response.end("012");
    }),
  );
  cut = true;
  await expect(readBytes(cutting, 0, 10)).rejects.toBeInstanceOf(PlatformFault);
});

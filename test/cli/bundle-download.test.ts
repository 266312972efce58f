/** Bundles too large for one answer, packed by the command over a line that breaks. What is large here is a few kilobytes. */
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { downloadBundle } from "@benchgen/core/environment/download.ts";
import type { Http2Bindings, HttpBindings } from "@hono/node-server";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestApi, openApi, until } from "../support/api.ts";
import { runCommand } from "../support/command.ts";
import { type Listening, serveFetch } from "../support/http.ts";
import { writeBundle } from "./bundle.ts";

let home: string;
let api: TestApi;
let server: Listening;
let token: string;
/** What becomes of the answer to a request for content; told how many came before it. */
let onContent: (answer: Response, count: number, connection: HttpBindings) => Promise<Response>;
let seen = 0;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-pull-"));
  api = await openApi({ maxPackedBytes: 1000, baseUrl: () => server.url });
  const answer = async (request: Request, connection: HttpBindings | Http2Bindings): Promise<Response> => {
    const response = await api.fetch(request);
    const isContent = request.method === "GET" && new URL(request.url).pathname.startsWith("/blobs/");
    return isContent ? onContent(response, seen++, connection as HttpBindings) : response;
  };
  server = await serveFetch(answer);
  token = await api.token("ada", "author");
  const bundle = await writeBundle(join(home, "bundle"));
  await writeFile(join(bundle, "reference", "large.txt"), "0123456789".repeat(100_000));
  await writeFile(join(bundle, "notes.txt"), "named by no field");
  await mkdir(join(bundle, "scoring", "deep"));
  await writeFile(join(bundle, "scoring", "deep", "empty.txt"), "");
  expect(await command("push", bundle)).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await server.close();
  await api.close();
  await rm(home, { recursive: true, force: true });
});

const command = (...words: string[]) =>
  runCommand(words, {
    home: join(home, "client"),
    environment: { BENCHGEN_URL: server.url, BENCHGEN_TOKEN: token, TMPDIR: home },
  });

/** As a server without a limit packs it. */
async function whole(): Promise<Buffer> {
  const ada = { workspace: "lab", name: "ada", scope: "author" } as const;
  const { content } = await downloadBundle(api.local.ports, ada, "small", 1);
  return Buffer.concat(await Array.fromAsync(content));
}

it("says what else to do where a bundle is too large for an answer", async () => {
  const answer = await api.call("GET", "/environments/small/versions/1/bundle", { token });
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({
    code: "bundle_too_large",
    hint: expect.stringContaining("/bundle/files") as string,
  });
  const reader = await api.token("tim", "read");
  const listing = await api.call("GET", "/environments/small/versions/1/bundle/files", { token: reader });
  expect(listing.status).toBe(403);
});

it("packs the same bytes, also when connections break and the store is busy", async () => {
  const begin = seen;
  onContent = async (answer, count, connection) => {
    if (count === begin + 2) return new Response("busy", { status: 503 });
    return count >= begin + 5 && count < begin + 7 ? cutShort(answer, connection) : answer;
  };
  const path = join(home, "pulled.zip");
  expect(await command("env", "pull", "small@1", "--output", path)).toMatchObject({ code: 0, stderr: "" });
  expect((await readFile(path)).equals(await whole())).toBe(true);
});

it("leaves no file when the store sends something else than was listed", async () => {
  onContent = async (answer) => {
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (bytes.length > 1) bytes[bytes.length >> 1]! ^= 1;
    return new Response(bytes, answer);
  };
  const path = join(home, "broken.zip");
  const result = await command("env", "pull", "small@1", "--output", path);
  expect(result.code).toBe(1);
  expect((await readdir(home)).filter((name) => name.startsWith("broken"))).toEqual([]);
});

/** Half of what was promised, and then the connection is gone. */
async function cutShort(answer: Response, { outgoing }: HttpBindings): Promise<Response> {
  const bytes = Buffer.from(await answer.arrayBuffer());
  const body = new ReadableStream({
    async pull(controller) {
      controller.enqueue(bytes.subarray(0, bytes.length >> 1));
      await until(
        async () => outgoing.writableLength,
        (waiting) => waiting === 0,
      );
      outgoing.destroy();
    },
  });
  return new Response(body, answer);
}

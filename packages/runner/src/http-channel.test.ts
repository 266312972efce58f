/** The channel against a real server on loopback that misbehaves. */
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { collect } from "@benchgen/core/bundle/byte-source.ts";
import { httpChannel } from "./http-channel.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** Answers to the requests, in their order; the last one to all that follow. */
let answers: Answer[];
let seen: { line: string; token: string | undefined; at: number }[];
let url: string;
const server = createServer((request, response) => {
  const line = `${request.method} ${request.url}`;
  // None is used twice: one that a test left behind would cost the next an attempt.
  response.setHeader("connection", "close");
  seen.push({ line, token: request.headers.authorization, at: performance.now() });
  const answer = answers.length > 1 ? answers.shift() : answers[0];
  void answer?.(request, response);
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  answers = [];
  seen = [];
});
afterEach(() => server.closeAllConnections());

const channel = (stallMs = 5000, bytesPerSecond = 1) =>
  httpChannel(url, "token", { attempts: 3, pauseMs: 1 }, { stallMs, bytesPerSecond });
/** As many attempts as it takes: on a machine that is busy every answer may seem to stall for once. */
const hasty = () =>
  httpChannel(url, "token", { attempts: 10, pauseMs: 1 }, { stallMs: 100, bytesPerSecond: 1e6 });
const status =
  (code: number, headers: Record<string, string> = {}, body = ""): Answer =>
  (_request, response) =>
    response.writeHead(code, headers).end(body);
const json = (value: unknown): Answer => status(200, {}, JSON.stringify(value));

const spec = {
  version: 1,
  jobId: "job_01jd0c2v5w8x9y0z1a2b3c4d5e",
  runId: "run_01jd0c2v5w8x9y0z1a2b3c4d5e",
  taskIndex: 0,
  kind: "scoring",
  inputs: [],
  programs: [{ name: "scoring", argv: ["true"], environment: {} }],
  limits: { timeSeconds: 1, cpus: 1, memoryMb: 64, diskMb: 1, processes: 1, logBytes: 1 },
  network: "none",
  directories: [],
};

describe("what the API answers", () => {
  test("is asked for again after 503 and 429", async () => {
    answers = [status(503), status(429), json(spec)];
    await expect(channel().spec()).resolves.toEqual(spec);
  });

  test("is asked for again no sooner than it says", async () => {
    answers = [status(429, { "retry-after": "1" }), json(spec)];
    await channel().spec();
    expect(seen[1]!.at - seen[0]!.at).toBeGreaterThan(990);
  });

  test("is given up in the end", async () => {
    answers = [status(500)];
    await expect(channel().spec()).rejects.toMatchObject({ name: "PlatformFault", code: "unavailable" });
    expect(seen).toHaveLength(3);
  });

  test("is asked for again when it breaks off", async () => {
    const broken: Answer = (_request, response) => {
      response.writeHead(200, { "content-length": "1000" }).write('{"version":');
      setTimeout(() => response.destroy(), 20);
    };
    answers = [broken, json(spec)];
    await expect(channel().spec()).resolves.toEqual(spec);
  });

  test("may not lead elsewhere", async () => {
    answers = [status(307, { location: `${url}/elsewhere` }), json(spec)];
    await expect(channel().spec()).rejects.toMatchObject({ code: "redirect_refused" });
    expect(seen.map(({ line }) => line)).toEqual(["GET /jobs/self/spec"]);
  });

  test("may not be without end", async () => {
    answers = [
      (_request, response) => {
        response.writeHead(200);
        const more = (): boolean => response.write(" ".repeat(64 * 1024), () => response.destroyed || more());
        more();
      },
    ];
    await expect(channel().spec()).rejects.toMatchObject({ code: "answer_too_large" });
    expect(seen).toHaveLength(1);
  });

  test.each<[string, Answer]>([
    ["nothing", () => undefined],
    ["a beginning and nothing more", (_request, response) => response.writeHead(200).write("{")],
  ])("may not be %s, for ever", async (_title, answer) => {
    answers = [answer, json(spec)];
    await expect(hasty().spec()).resolves.toEqual(spec);
    answers = [answer];
    await expect(channel(100).spec()).rejects.toMatchObject({ code: "stalled" });
  });

  test("may not drip for ever", async () => {
    answers = [
      (_request, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(drip));
      },
    ];
    // Something always moves: only a limit on the whole ends it.
    await expect(channel(150).spec()).rejects.toMatchObject({ code: "stalled" });
  });

  test("that a job has reported is known from other conflicts", async () => {
    answers = [status(409, {}, JSON.stringify({ code: "job_reported", detail: "x" }))];
    await expect(channel().spec()).rejects.toMatchObject({ name: "Conflict", code: "job_reported" });
  });
});

describe("an input", () => {
  const content = Buffer.from("0123456789".repeat(1000));
  const range: Answer = (request, response) => {
    const [, start, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    const part = content.subarray(Number(start), Number(end) + 1);
    const extent = `bytes ${start}-${end}/${content.length}`;
    response.writeHead(206, { "content-range": extent, "content-length": part.length }).end(part);
  };
  const input = () => ({ path: "/app/input/res", blob: "b", url: `${url}/blob`, unpack: true });
  const read = async () => {
    const source = await hasty().open(input());
    return Buffer.from(await collect(await source.read(0, source.size), 1e6));
  };

  test("is read on from where it broke off", async () => {
    const half: Answer = (request, response) => {
      const [, start, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
      response.writeHead(206, {
        "content-range": `bytes ${start}-${end}/${content.length}`,
        "content-length": content.length,
      });
      response.write(content.subarray(0, 5000));
      setTimeout(() => response.destroy(), 20);
    };
    answers = [range, half, range];
    expect((await read()).equals(content)).toBe(true);
  });

  test("is asked for again when it breaks off before its first byte", async () => {
    const headers: Answer = (_request, response) => {
      const extent = `bytes 0-${content.length - 1}/${content.length}`;
      response.writeHead(206, { "content-range": extent, "content-length": content.length });
      response.flushHeaders();
      setTimeout(() => response.destroy(), 20);
    };
    answers = [range, headers, headers, range];
    expect((await read()).equals(content)).toBe(true);
  });

  test("that stalls is asked for again", async () => {
    answers = [range, () => undefined, range];
    expect((await read()).equals(content)).toBe(true);
  });

  test("is fetched without the job's token", async () => {
    answers = [range];
    await read();
    expect(new Set(seen.map(({ token }) => token))).toEqual(new Set([undefined]));
  });

  test.each([
    ["whose URL has expired", status(403), "input_unfetchable"],
    ["that would be elsewhere", status(302, { location: "http://169.254.170.2/" }), "redirect_refused"],
  ])("%s is the platform's fault, and not the submitter's", async (_title, answer, code) => {
    answers = [answer];
    await expect(channel().open(input())).rejects.toMatchObject({ name: "BenchgenError", code });
    expect(seen).toHaveLength(1);
  });
});

describe("an upload", () => {
  let directory: string;
  const content = Buffer.from("output");
  const file = () => ({
    path: join(directory, "output"),
    size: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
  });
  const signed: Answer = (_request, response) =>
    response.end(JSON.stringify({ method: "PUT", url: `${url}/put`, headers: { "x-signed": "1" } }));
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "benchgen-channel-"));
    await writeFile(join(directory, "output"), content);
  });
  afterAll(() => rm(directory, { recursive: true }));

  test("goes to a newly signed URL at each attempt, whole, with its length and without the token", async () => {
    const bodies: unknown[] = [];
    answers = [
      signed,
      status(503),
      signed,
      async (request, response) => {
        bodies.push((await buffer(request)).toString(), request.headers["content-length"]);
        response.end();
      },
    ];
    await channel().upload("output.zip", file());
    expect(bodies).toEqual(["output", "6"]);
    expect(seen.map(({ line, token }) => [line, token])).toEqual([
      ["POST /jobs/self/uploads", "Bearer token"],
      ["PUT /put", undefined],
      ["POST /jobs/self/uploads", "Bearer token"],
      ["PUT /put", undefined],
    ]);
  });

  test.runIf(existsSync("/proc/self/fd"))("that nobody takes leaves no file open", async () => {
    answers = [json({ method: "PUT", url: "http://127.0.0.1:1/put", headers: {} })];
    await expect(channel().upload("output.zip", file())).rejects.toMatchObject({ code: "unreachable" });
    const open = await Promise.all(
      (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => undefined)),
    );
    expect(open).not.toContain(file().path);
  });

  test("does not follow a redirect", async () => {
    answers = [signed, status(308, { location: `${url}/elsewhere` })];
    await expect(channel().upload("output.zip", file())).rejects.toMatchObject({ code: "redirect_refused" });
    expect(seen).toHaveLength(2);
  });
});

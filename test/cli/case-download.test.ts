/** Exports of cases by a client, from a server that delivers a little at a time. What is large here is some kilobytes. */
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "@benchgen/api/app.ts";
import { bearerAuth } from "@benchgen/api/bearer.ts";
import { Client } from "@benchgen/cli/client/client.ts";
import { openCases } from "@benchgen/cli/file/case-download.ts";
import { saveContent } from "@benchgen/cli/file/download.ts";
import { authenticate } from "@benchgen/core/access/token.ts";
import { caseExportFormats } from "@benchgen/core/wire/case-export.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import { afterAll, beforeAll, beforeEach, expect, it, test } from "vitest";
import { bundleFiles } from "../support/bundle.ts";
import { linesOf } from "../support/case.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

const url = "http://benchgen.invalid";
const { signal } = new AbortController();

let pipeline: Pipeline;
let tim: Actor;
let run: RunId;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "benchgen-cases-"));
  pipeline = await openPipeline();
  const ada = await pipeline.actor("ada", "author");
  tim = await pipeline.actor("tim", "submit");
  const scoring = { script: "cp /app/input/res/scores.json /app/input/res/results.jsonl /app/output/" };
  await ada.push(bundleFiles({ title: "Open", scoring }));
  run = await evaluate();
});
afterAll(async () => {
  await pipeline.close();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  asked = 0;
});

async function evaluate(): Promise<RunId> {
  const cases = Array.from({ length: 60 }, (_, n) => ({
    id: `case ${n}`,
    input: `"${n}"\n${"ü, ".repeat(12 * n)}`,
    target: String(n),
    output: "?",
    passed: n % 4 === 0,
  }));
  const lines = linesOf(cases);
  const { id } = await tim.evaluate("open", {
    "scores.json": '{"accuracy": 0, "loss": 0}',
    "results.jsonl": lines,
  });
  return id;
}

/** How many requests for exports the limited server has had. */
let asked = 0;

/**
 * A client of a server that has limits, as on AWS: some answers are read from the store.
 * @param disturb what becomes of the answer to the n-th request for an export, from 0
 */
function client(disturb: (answer: Response, n: number) => Response | Promise<Response> = (answer) => answer) {
  const { local } = pipeline.api;
  const app = createApi({
    ports: local.ports,
    authenticate: bearerAuth((secret) => authenticate(local.ports, secret)),
    blobRoutes: (request) => local.blobRoutes(request),
    onError: (error) => {
      throw error;
    },
    version: "0",
    maxAnswerBytes: 2500,
    maxExportMs: -1,
    exportSliceLimits: { maxBytes: 2000, maxMs: 60_000 },
  });
  const transport = async (request: Request) => {
    const answer = await app.fetch(request);
    return request.url.includes("/cases/export?") ? disturb(answer, asked++) : answer;
  };
  return new Client({ transport, url, token: tim.token, signal });
}

/** As a server without limits answers it at once. */
async function whole(query: string): Promise<string> {
  return (await tim.call("GET", `/runs/${run}/cases/export?${query}`)).text();
}

test.each(caseExportFormats)("slices make the same file as one answer, byte for byte: %s", async (format) => {
  const answers: number[] = [];
  const noted = client((answer) => {
    answers.push(answer.status);
    return answer;
  });
  const { filename, content } = await openCases(noted, run, { format, outcome: "all" }, signal);
  const path = join(directory, filename);
  await saveContent(content, path, { force: false, signal });
  expect(await readFile(path, "utf8")).toBe(await whole(`format=${format}&outcome=all`));
  expect(answers.length).toBeGreaterThan(3);
  // What is longer than an answer may be came from the store, and the header that leads on with it.
  expect(new Set(answers)).toEqual(new Set([200, 303]));
});

it("reads a slice again that breaks off, or that the server cannot give now", async () => {
  const disturbed = client((answer, n) => {
    if (n === 2) return new Response("busy", { status: 503 });
    if (n !== 4) return answer;
    return new Response(new ReadableStream({ pull: (controller) => controller.error(new Error("cut")) }), {
      headers: answer.headers,
    });
  });
  const { content } = await openCases(disturbed, run, { format: "csv", outcome: "all" }, signal);
  expect(Buffer.concat(await Array.fromAsync(content)).toString()).toBe(
    await whole("format=csv&outcome=all"),
  );
});

it("leaves nothing when the run's files are deleted meanwhile, and says so", async () => {
  const id = await evaluate();
  const { blobs } = pipeline.api.local.ports;
  const pruned = client(async (answer, n) => {
    if (n === 2) await blobs.delete(blobKey.cases(id, 0, "summary.jsonl"));
    return answer;
  });
  const { content } = await openCases(pruned, id, { outcome: "all" }, signal);
  const path = join(directory, "gone.jsonl");
  await expect(saveContent(content, path, { force: false, signal })).rejects.toMatchObject({
    code: "not_found",
    message: `There is no case or output left of run "${id}".`,
    hint: expect.stringContaining("benchgen retry") as string,
  });
  expect((await readdir(directory)).filter((name) => name.startsWith("gone"))).toEqual([]);
});

it("is told by a plain request that the file is too large for an answer, and what to ask for", async () => {
  const before = await pipeline.api.local.ports.blobs.list("made/");
  await expect(client().exportCases(run, { outcome: "all" })).rejects.toMatchObject({
    code: "export_too_large",
    hint: expect.stringContaining("slices=true") as string,
  });
  expect(await pipeline.api.local.ports.blobs.list("made/")).toEqual(before);
});

/**
 * What the pipeline adds to a trivial run: one task, an ingestion and a scoring program of one line of shell each, through
 * every executor of this machine, in process and through a server, against running the two programs bare.
 *
 * usage: node bench/run-overhead.ts   (about a minute; the numbers are in docs/benchmarks.md)
 */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Run, runSchema } from "@benchgen/core/wire/api.ts";
import { isTerminal, runMoves } from "@benchgen/core/wire/status.ts";
import { probeAll } from "@benchgen/local/executor/probe.ts";
import { createAdaptorServer } from "@hono/node-server";
import { bundleFiles, programFiles, scored } from "../test/support/bundle.ts";
import { type Actor, openPipeline } from "../test/support/pipeline.ts";
import { median, runBare, secondsOf, writeFiles } from "./bare.ts";

const rounds = 21;
/** An image that is on this machine, with a shell. */
const image = process.env["BENCHGEN_TEST_IMAGE"];

const ingestion = {
  script: 'cp "$2"/* "$1"',
  metadata: { command: "sh $program/main.sh $output $submission_program" },
};
const scoring = {
  script: 'cp "$2/res/scores.json" "$1"',
  metadata: { command: "sh $program/main.sh $output $input" },
};
const submission = { ...scored(0.5), "main.py": "" };

/** The two programs, one after the other, on directories laid out as the jobs' are. */
async function measureBare(): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), "benchgen-bare-"));
  try {
    writeFiles(root, { ...programFiles("ingestion", ingestion), ...programFiles("scoring", scoring) });
    writeFiles(join(root, "submission"), submission);
    for (const name of ["input/res", "output"]) mkdirSync(join(root, name), { recursive: true });
    const at = (path: string) => join(root, path);
    return await repeated(async () => {
      await runBare("sh", [at("ingestion/main.sh"), at("input/res"), at("submission")]);
      await runBare("sh", [at("scoring/main.sh"), at("output"), at("input")]);
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Median seconds. The first time, when executors are tried out and modules loaded, is left out. */
async function repeated(work: () => Promise<unknown>): Promise<number> {
  await work();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) times.push(await secondsOf(work));
  return median(times);
}

function expectScored(run: Run): void {
  if (run.status !== "succeeded") throw new Error(`run ${run.id} ${run.status}: ${run.reason?.message}`);
}

/** From the request that starts a run until its terminal status is known. */
async function measurePipeline(name: (typeof executors)[number]["name"]): Promise<[number, number]> {
  const pipeline = await openPipeline({ executor: name });
  const server = createAdaptorServer({ fetch: pipeline.api.fetch });
  try {
    const author = await pipeline.actor("ada", "author");
    const task = name === "docker" ? { docker_image: image } : {};
    await author.push(bundleFiles({ title: "trivial", ingestion, scoring, task }));
    const submissionId = await author.submit(submission);
    const request = { environment: "trivial", submissionId };
    const inProcess = await repeated(async () => {
      expectScored(await author.ended((await author.start(request)).id));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return [inProcess, await repeated(() => runThroughServer(url, author, request))];
  } finally {
    server.close();
    await pipeline.close();
  }
}

async function runThroughServer(url: string, { token }: Actor, request: object): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const ask = async (path: string, more: object) =>
    runSchema.parse(await (await fetch(url + path, { headers, ...more })).json());
  let run = await ask("/runs", { method: "POST", body: JSON.stringify(request) });
  while (!isTerminal(runMoves, run.status)) {
    await sleep(5);
    run = await ask(`/runs/${run.id}`, {});
  }
  expectScored(run);
}

const executors = await probeAll();
const bare = await measureBare();
console.log("| a run through | seconds | overhead, seconds | times bare |");
console.log("| --- | ---: | ---: | ---: |");
const row = (name: string, seconds: number) =>
  console.log(
    `| ${name} | ${seconds.toFixed(3)} | ${(seconds - bare).toFixed(3)} | ${(seconds / bare).toFixed(1)} |`,
  );
row("two plain processes (bare)", bare);
for (const { name, available, reason } of executors) {
  if (!available || (name === "docker" && image === undefined)) {
    console.log(`| ${name}: not measured: ${reason ?? "BENCHGEN_TEST_IMAGE names no image"} | | | |`);
    continue;
  }
  const [inProcess, throughServer] = await measurePipeline(name);
  row(`${name}, in process`, inProcess);
  row(`${name}, through a server`, throughServer);
}

/** Kill -9 at every moment of a life: whoever opens the directory next makes everything good. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { partition, tableKey } from "@benchgen/core/record/key.ts";
import { type Run, pageOf, runSchema, versionSchema } from "@benchgen/core/wire/api.ts";
import type { UploadId } from "@benchgen/core/wire/id.ts";
import { probeAll } from "@benchgen/local/executor/probe.ts";
import { openWorkDirectory } from "@benchgen/local/executor/work-directory.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../support/api.ts";
import { type Stage, environment, stages } from "../support/life.ts";
import { untilRunning } from "../support/process.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

const program = fileURLToPath(new URL("../support/life.ts", import.meta.url));
const mark = `crash-${process.pid}-life`;
const sandboxes = (await probeAll()).filter(({ name }) => name !== "docker");

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "benchgen-crash-"));
  chmodSync(dir, 0o755);
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Starts a life, and kills it so long after it said that stage. */
async function killAt(stage: Stage, delayMs: number, executor = "auto"): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [program, dir, executor, mark], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  });
  const exited = once(child, "exit");
  for await (const line of createInterface(child.stdout!)) if (line === stage) break;
  await sleep(delayMs);
  child.kill("SIGKILL");
  expect(await exited).toEqual([null, "SIGKILL"]);
}

describe("after a kill -9 at any moment", { timeout: 900_000 }, () => {
  it("everything comes to its end, once, and nothing is left half-written", async () => {
    // Each stage at once and a little later; the generator is fixed, so that a failure can be looked for again.
    const random = randomNumbers(7);
    for (const stage of [...stages, ...stages]) await killAt(stage, 60 * random());
    const pipeline = await openPipeline({ dir });
    const author = await pipeline.actor("ada", "author");
    await expectEnded(pipeline, author);
    const { counted, runs } = await expectRunsWhole(author);
    const used = await pipeline.api.local.ports.table.get(
      tableKey.quotaTotal(runs[0]!.environmentId, 0, "lab/tim"),
    );
    expect(used?.["used"]).toBe(counted);
    await expectEvents(pipeline, author, runs);
    await expectNothingLeft(pipeline);
    await pipeline.close();
  });

  describe.each(sandboxes)("of a process that used $name", ({ name, available }) => {
    if (!available) console.warn(`NOT TESTED: orphans of ${name}: it does not work here`);

    it.skipIf(!available)("its programs are gone", async () => {
      // When the task begins its sandbox is only being made; later its programs run.
      for (const delayMs of [0, 5, 10, 15, 20, 50]) await killAt("ingesting", delayMs, name);
      await (await openPipeline({ dir })).close();
      await untilRunning(mark, 0);
    });
  });
});

/** Waits until no work is open but uploads whose bytes never came. */
async function expectEnded({ api }: Pipeline, author: Actor): Promise<void> {
  const { table, blobs } = api.local.ports;
  await until(
    async () => (await table.query(partition.open("RUN"))).items,
    (open) => open.length === 0,
  );
  await until(
    async () => (await blobs.list("uploads/")).items,
    (bytes) => bytes.length === 0,
  );
  for (const { sk } of (await table.query(partition.open("UPLOAD"))).items) {
    expect(await table.get(tableKey.upload(sk as UploadId))).toMatchObject({ status: "waiting" });
  }
  const versions = await author.json(pageOf(versionSchema), "GET", `/environments/${environment}/versions`);
  for (const version of versions.items) {
    expect(version).toMatchObject({ status: "published", verifications: [{ status: "succeeded" }] });
  }
}

async function expectRunsWhole(author: Actor): Promise<{ counted: number; runs: Run[] }> {
  const path = `/runs?environment=${environment}&limit=200`;
  const { items: runs, cursor } = await author.json(pageOf(runSchema), "GET", path);
  expect(cursor).toBeUndefined();
  for (const run of runs) {
    expect(run).toMatchObject({ status: "succeeded", tasks: [{ status: "succeeded" }] });
  }
  const evaluations = runs.filter(({ purpose }) => purpose === "evaluation");
  const rows = await author.board(environment, "?limit=200");
  expect(rows.map(({ runId }) => runId).sort()).toEqual(evaluations.map(({ id }) => id).sort());
  for (const { runId, scores } of rows)
    expect(evaluations.find(({ id }) => id === runId)?.scores).toEqual(scores);
  return { counted: evaluations.length, runs };
}

async function expectEvents({ api }: Pipeline, author: Actor, runs: readonly Run[]): Promise<void> {
  const events = await api.local.events.read({ limit: 1000 });
  const idsOf = (type: string) =>
    events
      .filter((event) => event.type === type)
      .map(({ id }) => id)
      .sort();
  const ids = runs.map(({ id }) => id).sort();
  expect(idsOf("Run Started")).toEqual(ids.map((id) => `started-${id}`));
  expect(idsOf("Run Finished")).toEqual(ids.map((id) => `finished-${id}`));
  const versions = await author.json(pageOf(versionSchema), "GET", `/environments/${environment}/versions`);
  expect(idsOf("Environment Published")).toHaveLength(versions.items.length);
}

async function expectNothingLeft({ api }: Pipeline): Promise<void> {
  await untilRunning(mark, 0);
  const keys = (await api.local.ports.blobs.list("", { limit: 1000 })).items;
  const files = readdirSync(join(dir, "objects"), { recursive: true, withFileTypes: true });
  expect(files.filter((entry) => entry.isFile())).toHaveLength(keys.length);
  const work = await openWorkDirectory(join(dir, "work"));
  const owners = readdirSync(work);
  expect(owners).toHaveLength(1);
  expect(readdirSync(join(work, owners[0]!)).filter((name) => name.startsWith("job_"))).toEqual([]);
  expect(readdirSync(join(dir, "owners"))).toHaveLength(1);
}

/** Numbers from 0 to 1 (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What is deleted of old runs, and what stays; beside a server that has the directory open. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { keepContent } from "@benchgen/core/content/keep.ts";
import { useContent } from "@benchgen/core/content/use.ts";
import type { Blobs, Ports } from "@benchgen/core/ports.ts";
import { tableKey } from "@benchgen/core/record/key.ts";
import { pageOf } from "@benchgen/core/wire/api.ts";
import { caseSummarySchema } from "@benchgen/core/wire/case.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import { type DataDirectory, openDataDirectory } from "@benchgen/local/data-directory.ts";
import { openWorkDirectory } from "@benchgen/local/executor/work-directory.ts";
import { createLogStore } from "@benchgen/local/log/log-store.ts";
import { type PruneOptions, prune } from "@benchgen/local/prune/prune.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleFiles } from "../support/bundle.ts";
import { linesOf } from "../support/case.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

const day = 86_400_000;
const old = { olderThanDays: 30, ranked: false, dryRun: false };

let dir: string;
let pipeline: Pipeline;
let other: DataDirectory;
let ada: Actor;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "benchgen-prune-"));
  pipeline = await openPipeline({ dir });
  other = openDataDirectory(dir);
  ada = await pipeline.actor("ada", "author");
  await ada.push(bundleFiles({ title: "Kept", scoring: copyAll }));
});
afterEach(async () => {
  other.close();
  await pipeline.close();
  rmSync(dir, { recursive: true });
});

const copyAll = { script: "echo copied; cp /app/input/res/* /app/output/; test ! -e /app/input/res/fails" };
const cases = linesOf([{ id: "a", input: "2 + 2?", output: "4", target: "4", passed: true }]);
const good = { "scores.json": '{"accuracy": 0.5, "loss": 0}', "results.jsonl": cases };

/** As another process does it, so many days later. */
function pruneAfter(days: number, options: Partial<PruneOptions> = {}, blobs: Partial<Blobs> = {}) {
  const { ports } = pipeline.api.local;
  const later: Ports = {
    ...ports,
    blobs: { ...ports.blobs, ...blobs },
    clock: { now: () => new Date(Date.now() + days * day) },
  };
  const place = { directory: other, ports: later, logs: createLogStore(join(dir, "logs")) };
  return prune(place, { ...old, ...options });
}

const keysBelow = async (prefix: string) =>
  (await pipeline.api.local.ports.blobs.list(prefix, { limit: 1000 })).items.map(({ key }) => key);
const executions = () => other.database.all("select name from execution").map(({ name }) => String(name));
const filesOnDisk = () =>
  readdirSync(join(dir, "objects"), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );

describe("pruning a data directory", () => {
  it("deletes files, logs and history of old runs; scores, rows and content stay", async () => {
    const run = await ada.evaluate("kept", good);
    const contentBefore = await keysBelow("blobs/");
    expect(await pruneAfter(29)).toMatchObject({ runs: 0, files: 0 });

    const report = await pruneAfter(31, { ranked: true });

    expect(report).toMatchObject({ runs: 1, ranked: 0, unused: { files: 0 } });
    expect(report.files).toBeGreaterThan(4);
    expect(other.database.all("select pk from item where sk = 'UPLOAD'")).toEqual([]);
    expect(await keysBelow("runs/")).toEqual([]);
    expect(existsSync(join(dir, "logs", run.id))).toBe(false);
    expect(executions()).toEqual([]);
    expect(await keysBelow("blobs/")).toEqual(contentBefore);
    expect(filesOnDisk()).toHaveLength(contentBefore.length);
    expect((await ada.run(run.id)).scores).toEqual(run.scores);
    expect((await ada.board("kept")).map(({ runId }) => runId)).toEqual([run.id]);
    for (const asked of ["cases", "cases/0/a", "report", "failures", "cases/export?outcome=all"]) {
      const problem = await ada.problem("GET", `/runs/${run.id}/${asked}`);
      expect({ asked, ...problem }).toMatchObject({
        asked,
        status: 404,
        hint: expect.stringContaining("deleted") as string,
      });
    }
    // What is left can still be used.
    expect((await ada.evaluate("kept", good)).status).toBe("succeeded");
  });

  it("keeps the files of runs on a leaderboard unless asked for them", async () => {
    const ranked = await ada.evaluate("kept", good);
    const failed = await ada.evaluate("kept", { ...good, fails: "" });
    expect(failed.status).toBe("failed");

    expect(await pruneAfter(31)).toMatchObject({ runs: 1, ranked: 1 });

    expect(await keysBelow(`runs/${failed.id}/`)).toEqual([]);
    expect(executions()).toEqual([ranked.id]);
    const { items } = await ada.json(pageOf(caseSummarySchema), "GET", `/runs/${ranked.id}/cases`);
    expect(items).toHaveLength(1);
  });

  it("says before what it would delete, and deletes nothing then", async () => {
    await ada.evaluate("kept", good);
    const before = await keysBelow("");
    const said = await pruneAfter(31, { ranked: true, dryRun: true });
    expect(await keysBelow("")).toEqual(before);
    expect(executions()).toHaveLength(1);
    expect(await pruneAfter(31, { ranked: true })).toEqual(said);
  });

  it("can be killed at any moment, and does the rest the next time", async () => {
    const runs = [await ada.evaluate("kept", good), await ada.evaluate("kept", good)];
    const files = (await keysBelow("runs/")).length;
    for (let allowed = 0; allowed < files; allowed += 2) {
      let left = 2;
      const dying = async (key: string): Promise<void> => {
        if (left-- === 0) throw new Error("killed");
        await pipeline.api.local.ports.blobs.delete(key);
      };
      await pruneAfter(31, { ranked: true }, { delete: dying }).catch((error: Error) => {
        expect(error.message).toBe("killed");
      });
      const withFiles = new Set((await keysBelow("runs/")).map((key) => key.split("/")[1]));
      // A run's history goes after its files: nothing is left that nothing leads to.
      expect(executions()).toEqual(expect.arrayContaining([...withFiles]));
    }
    await pruneAfter(31, { ranked: true });
    expect([await keysBelow("runs/"), executions(), readdirSync(join(dir, "logs"))]).toEqual([[], [], []]);
    for (const { id } of runs) expect((await ada.run(id)).status).toBe("succeeded");
  });

  it("removes what a process left that was killed in the middle of a job", async () => {
    const { local } = pipeline.api;
    const left = join(await openWorkDirectory(join(dir, "work")), "00000000-gone");
    mkdirSync(join(left, "job_1", "output"), { recursive: true });
    other.database.run("insert into blob_scrap (file, owner) values ('ab12', '00000000-gone')");
    mkdirSync(join(dir, "objects", "ab"), { recursive: true });
    writeFileSync(join(dir, "objects", "ab", "ab12"), "half");
    await local.prune({ ...old, dryRun: true });
    expect(existsSync(left)).toBe(true);
    await local.prune(old);
    expect([existsSync(left), existsSync(join(dir, "objects", "ab", "ab12"))]).toEqual([false, false]);
  });

  it("leaves a run alone that something still follows from", async () => {
    const { id } = await ada.evaluate("kept", good);
    const open = { ...tableKey.open("RUN", id), since: new Date().toISOString() };
    await pipeline.api.local.ports.table.write([{ kind: "put", item: open }]);
    expect(await pruneAfter(31, { ranked: true })).toMatchObject({ runs: 0 });
  });
});

describe("content that nothing names", () => {
  const orphan = `blobs/${"0".repeat(64)}`;
  const orphanContent = { sha256: createHash("sha256").update("lost").digest("hex"), size: 4 };
  it("is deleted a week after it came, when nobody said to rely on it, and not before", async () => {
    await pipeline.api.local.ports.blobs.put(orphan, Buffer.from("lost"));
    const named = (await keysBelow("blobs/")).filter((key) => key !== orphan);
    expect(await pruneAfter(6)).toMatchObject({ unused: { files: 0, bytes: 0 } });
    expect(await pruneAfter(8)).toMatchObject({ unused: { files: 1, bytes: 4 } });
    expect(await keysBelow("blobs/")).toEqual(named);
  });

  it("stays for eight days after somebody relied on it, and as long as an upload is checked that may have", async () => {
    const { blobs, table } = pipeline.api.local.ports;
    await keepContent(pipeline.api.local.ports, orphanContent, () => Buffer.from("lost"));
    expect(await pruneAfter(7.9)).toMatchObject({ unused: { files: 0 } });
    const createdAt = new Date(Date.now() - 1000).toISOString();
    const upload = { pk: "UPLOAD#u", sk: "UPLOAD", sha256: "1".repeat(64), createdAt, status: "checking" };
    await table.write([{ kind: "put", item: upload }]);
    expect(await pruneAfter(9)).toMatchObject({ unused: { files: 0 } });
    await table.write([{ kind: "put", item: { ...upload, status: "rejected" } }]);
    expect(await pruneAfter(9)).toMatchObject({ unused: { files: 1, bytes: 4 } });
    expect(await blobs.head(blobKey.content(orphanContent.sha256))).toBeUndefined();
  });

  it("stays when somebody relies on it, or names it, while names are read", async () => {
    const { ports } = pipeline.api.local;
    await ports.blobs.put(orphan, Buffer.from("lost"));
    const first = (work: () => Promise<unknown>) => async (key: string) => {
      await work();
      return ports.blobs.get(key);
    };
    // As a process does it whose clock is the one of who prunes.
    const clock = { now: () => new Date(Date.now() + 8 * day) };
    const relying = first(() => useContent({ ...ports, clock }, "0".repeat(64)));
    expect(await pruneAfter(8, {}, { get: relying })).toMatchObject({ unused: { files: 0 } });
    const submission = { pk: "SUB#s", sk: "SUB", sha256: "0".repeat(64) };
    await ports.table.write([{ kind: "put", item: submission }]);
    expect(await pruneAfter(30)).toMatchObject({ unused: { files: 0 } });
    expect(await keysBelow(orphan)).toEqual([orphan]);
  });

  it("goes while others push and submit, and nothing that they push or submit goes with it", async () => {
    // Content comes and is named; some of it was there before and named by nobody; all of it counts as old here.
    const bundle = (n: number) =>
      bundleFiles({ title: `Busy ${n % 3}`, scoring: { script: `${copyAll.script} # ${n % 4}` } });
    for (const n of [0, 1, 2, 3]) await ada.push(bundle(n), { purpose: "run" });
    other.database.run("delete from item where sk like 'VERSION#%' or sk like 'CONTENT#%' or sk = 'USED'");
    other.database.run("update item set body = json_set(body, '$.latestVersion', 0) where sk = 'ENV'");
    const done = new AbortController();
    const pruning = (async () => {
      // A pause, as between processes: one prune after the other may wait for nothing but promises.
      for (; !done.signal.aborted; await sleep(2)) await pruneAfter(7.5);
    })();
    const pushed = await Promise.all([0, 1, 2, 3, 4, 5].map((n) => ada.push(bundle(n))));
    const runs = await Promise.all(pushed.map(({ environment }) => ada.evaluate(environment, good)));
    done.abort();
    await pruning;
    expect(runs.map(({ status }) => status)).toEqual(pushed.map(() => "succeeded"));
    for (const { environment, number } of pushed) {
      const answer = await ada.call("GET", `/environments/${environment}/versions/${number}/bundle`);
      expect(new Uint8Array(await answer.arrayBuffer()).length).toBeGreaterThan(100);
    }
  });
});

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createBlobs } from "@benchgen/local/blob/blobs.ts";
import { createTable } from "@benchgen/local/table/table.ts";
import { temporaryDataDirectory } from "../support/data-directory.ts";

const worker = fileURLToPath(new URL("worker.ts", import.meta.url));
/** Of each of two that take turns, at least; and as many executions in all. */
const [leastKills, leastExecutions] = [8, 12];

function start(dir: string, mode: string, lines: string[]) {
  const child = spawn(process.execPath, ["--no-warnings", worker, dir, mode], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = createInterface({ input: child.stdout });
  const ready = new Promise((resolve) => {
    output.on("line", (line) => (line === "ready" ? resolve(line) : lines.push(line)));
    child.on("exit", resolve);
  });
  return { child, ready, ended: once(child, "close") };
}

it("loses and halves nothing, and finishes everything, when its processes are killed at any moment", async () => {
  const data = temporaryDataDirectory();
  const lines: string[] = [];
  const startedBy = (): string[] => lines.filter((line) => line.startsWith("execution "));
  const killRepeatedly = async (): Promise<void> => {
    for (let kills = 0; kills < leastKills || startedBy().length < leastExecutions; kills++) {
      const { child, ready, ended } = start(data.dir, "work", lines);
      await ready;
      await sleep(Math.random() * 300);
      child.kill("SIGKILL");
      expect(await ended).toEqual([null, "SIGKILL"]);
    }
  };
  // Two at a time: one is killed while the other works, and takes over its work when it begins again.
  await Promise.all([killRepeatedly(), killRepeatedly()]);
  const finisher = start(data.dir, "finish", lines);
  expect(await finisher.ended).toEqual([0, null]);
  expect(lines.filter((line) => /^(?:repeated|warning)/.test(line))).toEqual([]);

  const table = createTable(data);
  const [left, right] = (await table.query({ pk: "pair" })).items;
  expect(left!["count"]).toBe(right!["count"]);
  expect(left!["count"]).toBeGreaterThanOrEqual(lines.filter((line) => line === "pair").length);

  const blobs = createBlobs({ ...data, secret: data.secretFor("blob-url"), baseUrl: () => "" });
  const { items } = await blobs.list("crash/");
  for (const { key, size, sha256 } of items) {
    const content = (await blobs.get(key))!;
    expect([content.length, createHash("sha256").update(content).digest("hex")]).toEqual([size, sha256]);
  }
  const acknowledged = new Set(lines.filter((line) => line.startsWith("blob ")).map((line) => line.slice(5)));
  expect(items.map(({ key }) => key)).toEqual(expect.arrayContaining([...acknowledged]));
  const files = readdirSync(join(data.dir, "objects"), { recursive: true, withFileTypes: true });
  expect(files.filter((entry) => entry.isFile())).toHaveLength(items.length);

  const executions = data.database.all("select name, status from execution");
  expect(new Set(executions.map(({ status }) => status))).toEqual(new Set(["succeeded"]));
  const started = startedBy().map((line) => line.slice("execution ".length));
  expect(executions.map(({ name }) => name)).toEqual(expect.arrayContaining(started));
  expect(data.database.all("select * from execution_step")).toEqual([]);
  data.close();
});

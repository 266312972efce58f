/** What can go wrong around a job once, and must not stay so. */
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import type { ExecutorName } from "@benchgen/local/executor/executor.ts";
import { executorsUnderTest } from "./executor-under-test.ts";
import { scratchRoot } from "./job-fixture.ts";
import { launcherPreparer, namesIn } from "./launcher-fixture.ts";

const directory = await scratchRoot();
const available = (await executorsUnderTest(directory)).filter(({ executor }) => executor !== undefined);
afterAll(() => rm(directory, { recursive: true, force: true }));

const prepared = launcherPreparer(directory);

describe.runIf(available.some(({ name }) => name !== "docker"))("in a sandbox", () => {
  const [sandbox] = available.filter(({ name }) => name !== "docker");
  const how = { executor: sandbox?.name as ExecutorName, image: null };

  test("a gateway that could not be opened once is opened for the next job", async () => {
    let attempts = 0;
    const job = await prepared({ commands: { scoring: "true" }, network: "gateway" }, how, {
      serveGateway: async (path) => {
        attempts++;
        if (attempts === 1) throw new Error("no room for a socket");
        const server = createServer().listen(path);
        await once(server, "listening");
        return { close: promisify(server.close.bind(server)) };
      },
    });
    await expect(job.run()).rejects.toThrow("no room for a socket");
    await expect(job.run()).resolves.toEqual({ reported: true });
    await job.launcher.close();
  });

  test("a job whose log cannot be written leaves nothing behind", async () => {
    const unwritable = { write: () => undefined, close: () => Promise.reject(new Error("the disk is full")) };
    const job = await prepared({ commands: { scoring: "true" } }, how, { logSink: () => unwritable });
    await expect(job.run()).rejects.toThrow("the disk is full");
    expect(await namesIn(join(job.workDir, "me"))).not.toContain(job.spec.jobId);
    await job.launcher.close();
  });
});

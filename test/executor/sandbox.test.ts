/** A sandbox that is killed at a moment no test can wait for: shown with a stand-in, which is in that moment for ever. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type SandboxMaker, runInSandboxes } from "@benchgen/local/executor/sandbox.ts";
import { makeScratch } from "@benchgen/local/executor/scratch.ts";
import { untilRunning } from "../support/process.ts";
import { jobOf, scratchRoot } from "./job-fixture.ts";

const directory = await scratchRoot();
afterAll(() => rm(directory, { recursive: true, force: true }));

test.runIf(process.platform === "linux")(
  "one whose inner process has left its group, and not yet asked to die with it, ends with its program",
  async () => {
    const mark = `5000.${process.pid}s`;
    const make: SandboxMaker = () => ({
      argv: ["sh", "-c", `setsid sh -c 'sleep ${mark} & echo up; wait' & wait`],
      hidden: { fd: 0, text: "" },
    });
    const { spec } = await jobOf({ commands: {} });
    const root = join(directory, spec.jobId);
    await makeScratch(root, spec.kind);
    const cancel = new AbortController();
    const running = runInSandboxes(
      { spec, image: null, root },
      { signal: cancel.signal, onOutput: () => cancel.abort(new Error("cancelled by the test")) },
      make,
    );
    await expect(running).rejects.toThrow("cancelled by the test");
    await untilRunning(mark, 0);
  },
);

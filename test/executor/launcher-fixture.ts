/** Launchers for tests, each with a job of its own. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { LogLine } from "@benchgen/core/ports.ts";
import type { ExecutorName } from "@benchgen/local/executor/executor.ts";
import { type LauncherOptions, createLauncher } from "@benchgen/local/launcher.ts";
import { type TestJob, jobOf, memoryChannel } from "./job-fixture.ts";

/** @returns what makes a launcher over a work directory of its own, and one job for it */
export function launcherPreparer(directory: string) {
  return (
    job: TestJob,
    how: { readonly executor: ExecutorName; readonly image: string | null },
    more: Partial<LauncherOptions> = {},
  ) => prepare(directory, job, how, more);
}

async function prepare(
  directory: string,
  job: TestJob,
  { executor, image }: { executor: ExecutorName; image: string | null },
  more: Partial<LauncherOptions>,
) {
  const { spec, blobs } = await jobOf(job);
  const channel = memoryChannel(spec, blobs);
  const lines: (Omit<LogLine, "at"> & { job: string })[] = [];
  const workDir = join(directory, `work-${spec.jobId}`);
  const launcher = createLauncher({
    channel: () => channel,
    workDir,
    logSink: ({ jobId }) => ({
      write: (stream, text) => lines.push({ job: jobId, stream, text }),
      close: () => undefined,
    }),
    executor,
    shareNetwork: true,
    expose: [],
    owner: { id: "me", isAlive: (id) => id === "me" || id === "alive" },
    warn: (message) => {
      throw new Error(message);
    },
    ...more,
  });
  const { kind, limits, network, jobId, runId } = spec;
  const definition = await launcher.register({ version: 1, kind, image, limits, network });
  const run = () => launcher.run({ jobId, runId, definition, token: "token" }, new AbortController().signal);
  return { launcher, run, channel, lines, workDir, spec, blobs };
}

export function namesIn(path: string): Promise<string[]> {
  return readdir(path).catch(() => []);
}

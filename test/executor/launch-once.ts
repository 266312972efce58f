/** A process that launches one job and says how it went: to be run as another user. */
import { createLauncher } from "@benchgen/local/launcher.ts";
import type { ExecutorName } from "@benchgen/local/executor/executor.ts";
import { jobOf, memoryChannel } from "./job-fixture.ts";

const [workDir = "", executor = ""] = process.argv.slice(2);
const { spec, blobs } = await jobOf({
  commands: { scoring: "sh -c 'echo ran; mkdir /app/output/locked; chmod 0 /app/output/locked'" },
});
const channel = memoryChannel(spec, blobs);
const launcher = createLauncher({
  channel: () => channel,
  workDir,
  logSink: () => ({ write: (_stream, text) => process.stdout.write(`${text}\n`), close: () => undefined }),
  executor: executor as ExecutorName,
  shareNetwork: true,
  expose: [],
  owner: { id: "once", isAlive: () => false },
  warn: (message) => process.stderr.write(`${message}\n`),
});
const { kind, limits, network, jobId, runId } = spec;
const definition = await launcher.register({ version: 1, kind, image: null, limits, network });
await launcher.run({ jobId, runId, definition, token: "t" }, new AbortController().signal);
const [outcome] = channel.outcomes;
process.stdout.write(`${outcome?.status} ${outcome?.reason?.message ?? ""}`.trim() + "\n");
await launcher.close();

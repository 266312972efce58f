/** A process that launches one job and waits: to be killed by a test, at the worst moment. */
import { createLauncher } from "@benchgen/local/launcher.ts";
import type { ExecutorName } from "@benchgen/local/executor/executor.ts";
import { jobOf, memoryChannel } from "./job-fixture.ts";

const [workDir = "", executor = "", ownerId = "", mark = "", image = ""] = process.argv.slice(2);
const { spec, blobs } = await jobOf({
  commands: { scoring: `sh -c 'setsid sleep ${mark} & echo started; sleep ${mark}'` },
  limits: { timeSeconds: 600 },
});
const launcher = createLauncher({
  channel: () => memoryChannel(spec, blobs),
  workDir,
  logSink: () => ({ write: (_stream, text) => process.stdout.write(`${text}\n`), close: () => undefined }),
  executor: executor as ExecutorName,
  shareNetwork: true,
  expose: [],
  owner: { id: ownerId, isAlive: (id) => id === ownerId },
  warn: (message) => process.stderr.write(`${message}\n`),
});
const { kind, limits, network, jobId, runId } = spec;
const definition = { version: 1 as const, kind, image: image === "" ? null : image, limits, network };
const job = { jobId, runId, definition: await launcher.register(definition), token: "t" };
await launcher.run(job, new AbortController().signal);

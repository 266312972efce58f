/** The composition root of one machine: every port over one data directory, and the domain's steps as handlers. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { messageOf } from "@benchgen/core/error.ts";
import { parseUploadKey } from "@benchgen/core/wire/key.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import type { Limits } from "@benchgen/core/wire/job.ts";
import type { EventFeed, Json, Ports } from "@benchgen/core/ports.ts";
import type { JobPolicy } from "@benchgen/core/job/definition.ts";
import { createIds } from "@benchgen/core/port/id.ts";
import { Announcer } from "@benchgen/core/run/announcer.ts";
import { finishRun, finishWorkflow } from "@benchgen/core/run/finish.ts";
import { launchJob } from "@benchgen/core/run/launch.ts";
import { mergeScores } from "@benchgen/core/run/merge.ts";
import { planRun } from "@benchgen/core/run/plan.ts";
import { readIngestion } from "@benchgen/core/run/read-ingestion.ts";
import { readTaskScores } from "@benchgen/core/run/read-scores.ts";
import { recordFailure } from "@benchgen/core/run/record-failure.ts";
import { stepError } from "@benchgen/core/run/step-error.ts";
import { endOfExecution } from "@benchgen/core/run/sweep.ts";
import { receiveUpload } from "@benchgen/core/upload/publish.ts";
import { createBlobs } from "./blob/blobs.ts";
import { createBus } from "./bus/bus.ts";
import { systemClock } from "./clock.ts";
import { openDataDirectory } from "./data-directory.ts";
import type { ExecutorName } from "./executor/executor.ts";
import type { ServeGateway } from "./gateway-socket.ts";
import { inProcessChannel } from "./job-channel.ts";
import { createLauncher } from "./launcher.ts";
import { createLogStore } from "./log/log-store.ts";
import { type PruneOptions, type PruneReport, prune } from "./prune/prune.ts";
import { createSecrets } from "./secret/secrets.ts";
import { createSweeps } from "./sweeps.ts";
import { createTable } from "./table/table.ts";
import { createUpstream } from "./upstream/upstream.ts";
import { createWorkflow } from "./workflow/workflow.ts";

export interface LocalOptions {
  /** The data directory; created when missing. Several processes may have it open. */
  readonly dir: string;
  /** Default: the best that works here, docker where an environment names an image. */
  readonly executor?: "auto" | ExecutorName;
  /** Whether a program that asks for the network in its metadata may have it. Default: true. */
  readonly allowNetwork?: boolean;
  /** Whether, in a sandbox, that may be this machine's own network, loopback included. Default: true. */
  readonly shareNetwork?: boolean;
  /** Where containers of this machine reach the API; without it a job's stages run in this process. */
  readonly apiUrl?: () => Promise<string>;
  /** Serves the gateway to models on a socket, for sandboxes; without it no program can call a model. */
  readonly serveGateway?: ServeGateway;
  /** Directories of this machine that programs may read: toolchains outside `/usr`. */
  readonly expose?: readonly string[];
  /** Programs of a run at one time. Default: the machine's cores. */
  readonly concurrency?: number;
  /** The most any job may use; absent ones do not limit. */
  readonly ceilings?: Partial<Limits>;
  /**
   * Whether to take over at once what processes that are gone left unfinished, and to go on looking for it. Default:
   * true. A command that only reads says no: what it takes over would be dropped again when it ends.
   */
  readonly resume?: boolean;
  /** Days after which outputs, logs and cases of ended runs are deleted; scores stay. Default: never. */
  readonly runFileDays?: number;
  /** How clients reach this process; asked for when a URL is signed. */
  readonly baseUrl: () => string;
  /** Where events are posted. */
  readonly webhook?: { readonly url: string; readonly secret: string };
  /** Told of failures nobody waits for. */
  readonly warn: (message: string) => void;
}

export interface Local {
  readonly ports: Ports;
  readonly events: EventFeed;
  /** Signed uploads and downloads; undefined for any other request. */
  blobRoutes(request: Request): Promise<Response | undefined>;
  /** Takes over unfinished work, where that was not done on opening. Does nothing the second time. */
  resume(): Promise<void>;
  /** Resolves when the run's workflow is over and its terminal status written. */
  waitForRun(id: RunId): Promise<void>;
  /** Deletes files of old runs, what processes left that were killed, and what nothing uses. */
  prune(options: PruneOptions): Promise<PruneReport>;
  /** Stops working. What is running is left to the next process that opens the directory. */
  close(): Promise<void>;
}

/** @throws PlatformFault when the directory cannot be created or read */
export async function openLocal(options: LocalOptions): Promise<Local> {
  const { dir, warn } = options;
  const directory = openDataDirectory(dir);
  const { database, owner, cursors } = directory;
  const concurrency = options.concurrency ?? availableParallelism();
  const clock = systemClock;
  const ids = createIds();
  const table = createTable({ database, cursors, clock });
  const blobs = createBlobs({
    database,
    dir,
    owner,
    cursors,
    clock,
    secret: directory.secretFor("url"),
    baseUrl: options.baseUrl,
    onCreated: async (key) => {
      const uploadId = parseUploadKey(key);
      if (uploadId !== undefined) await receiveUpload(ports, uploadId);
    },
    warn,
  });
  const logs = createLogStore(join(dir, "logs"));
  const bus = createBus({ database, clock, warn, ...(options.webhook && { webhook: options.webhook }) });
  const announcer = new Announcer({ table, bus, clock }, (error) =>
    warn(`A run's progress was not announced: ${messageOf(error)}`),
  );
  const launcher = createLauncher({
    channel: (token) => inProcessChannel(ports, token, announcer),
    workDir: join(dir, "work"),
    logSink: (job) => logs.sink(job),
    sayProgress: (source) => announcer.say(source),
    executor: options.executor ?? "auto",
    programsPerRun: concurrency,
    shareNetwork: options.shareNetwork ?? true,
    expose: options.expose ?? [],
    ...(options.apiUrl && { apiUrl: options.apiUrl }),
    ...(options.serveGateway && { serveGateway: options.serveGateway }),
    owner,
    warn,
  });
  const policy: JobPolicy = { ceilings: options.ceilings ?? {}, allowNetwork: options.allowNetwork ?? true };
  const workflow = createWorkflow({
    database,
    owner,
    cursors,
    clock,
    definition: workflowDefinition(),
    handlers: workflowHandlers(() => ports, policy),
    // One more than may compute: its inputs are put in place, or its output collected, meanwhile.
    maxConcurrency: concurrency + 1,
    // Every end but success: the machine's last step could not say how the run ended.
    onEnd: async (execution) => {
      if (execution.status === "succeeded") return;
      await finishRun(ports, execution.name as RunId, endOfExecution(execution));
    },
    warn,
  });
  const ports: Ports = {
    table,
    blobs,
    workflow,
    launcher,
    bus,
    logs,
    secrets: createSecrets(join(dir, "secrets")),
    upstream: createUpstream({ allowLoopback: true }),
    clock,
    ids,
  };

  const pruning = async (how: PruneOptions): Promise<PruneReport> => {
    if (!how.dryRun) {
      await launcher.sweep();
      await blobs.cleanUp();
    }
    return prune({ directory, ports, logs }, how);
  };
  const { runFileDays } = options;
  const sweeps = createSweeps(ports, {
    warn,
    // As a deployment's setting of that name does it: whatever the run is.
    prune:
      runFileDays === undefined
        ? undefined
        : () => pruning({ olderThanDays: runFileDays, ranked: true, dryRun: false }),
  });
  let resumed: Promise<void> | undefined;
  const resume = () =>
    (resumed ??= (async () => {
      await launcher.sweep();
      await blobs.resume();
      await workflow.resume();
      await sweeps.start();
    })());
  if (options.resume !== false) await resume();

  return {
    ports,
    events: bus,
    blobRoutes: (request) => blobs.handle(request),
    resume,
    prune: pruning,
    waitForRun: async (id) => {
      await workflow.waitForEnd(id);
    },
    close: async () => {
      await sweeps.close();
      await blobs.close();
      await workflow.close();
      await launcher.close();
      await bus.close();
      directory.close();
    },
  };
}

/** The one workflow file; its resources are of no interest here. */
function workflowDefinition(): string {
  return readFileSync(new URL(import.meta.resolve("@benchgen/core/run/workflow.asl.json")), "utf8");
}

type Handler = (input: Json, context: { readonly signal: AbortSignal }) => Promise<Json>;

/** The domain's steps by state name. Each checks its own input, so what the machine hands over needs no types here. */
function workflowHandlers(ports: () => Ports, policy: JobPolicy): Record<string, Handler> {
  const step =
    <I>(run: (ports: Ports, input: I, signal: AbortSignal) => Promise<unknown>): Handler =>
    async (input, { signal }) => {
      try {
        return ((await run(ports(), input as I, signal)) ?? {}) as Json;
      } catch (error) {
        throw stepError(error);
      }
    };
  return {
    Plan: step((ports, input: Parameters<typeof planRun>[2]) => planRun(ports, policy, input)),
    Ingest: step(launchJob),
    ReadIngestion: step(readIngestion),
    Score: step(launchJob),
    ReadScores: step(readTaskScores),
    RecordFailure: step(recordFailure),
    Merge: step(mergeScores),
    Finish: step(finishWorkflow),
  };
}

/** The launcher of one machine: stage-in, programs, stage-out, in whatever way this machine can run programs. */
import { createHash } from "node:crypto";
import { mkdir, readdir, rmdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { PlatformFault, messageOf } from "@benchgen/core/error.ts";
import type { Launcher } from "@benchgen/core/ports.ts";
import type { JobId, RunId } from "@benchgen/core/wire/id.ts";
import type { JobDefinition, JobExit } from "@benchgen/core/wire/job.ts";
import type { JobChannel } from "@benchgen/runner/channel.ts";
import { definitionName, parseDefinitionName } from "./definition-name.ts";
import { type Choice, chooseExecutor, executorOrder } from "./executor/choose.ts";
import type { Availability, Execution, ExecutorName } from "./executor/executor.ts";
import { makeReachable } from "./executor/host.ts";
import { endOrphans } from "./executor/orphan.ts";
import { networkRefusal } from "./executor/network.ts";
import { Executors, defaultImage } from "./executor/probe.ts";
import { makeScratch, removeScratch } from "./executor/scratch.ts";
import { stagesFor } from "./executor/stages.ts";
import { openWorkDirectory } from "./executor/work-directory.ts";
import { type GatewaySocket, type ServeGateway, openGatewaySocket } from "./gateway-socket.ts";
import { JobLog } from "./job-log.ts";
import { Lazy } from "./lazy.ts";
import type { LogSink } from "./log/log-sink.ts";
import { JobProgress, type SayProgress } from "./job-progress.ts";
import { RunSlots } from "./run-slots.ts";

export interface LauncherOptions {
  /** The platform as a job's token lets it be seen, from within this process. */
  readonly channel: (token: string) => JobChannel;
  /** Where containers reach the API on this machine; without it stages run in this process, also with docker. */
  readonly apiUrl?: () => Promise<string>;
  /** Jobs run below it. Every process that shares it is told from the others by its owner. */
  readonly workDir: string;
  readonly logSink: (job: { readonly runId: RunId; readonly jobId: JobId }) => LogSink;
  /** Told how far programs are, as they print it; by default nobody is. */
  readonly sayProgress?: SayProgress;
  readonly executor: "auto" | ExecutorName;
  /** Serves the gateway to programs; without it no job can call a model. */
  readonly serveGateway?: ServeGateway;
  /** Programs of a run at one time; jobs beyond it are staged in or out meanwhile. Default: the machine's cores. */
  readonly programsPerRun?: number;
  /**
   * Whether a sandboxed program that is given the network may have this machine's own, loopback included: there is no
   * other for it. Not where a server on loopback lets anyone in. Docker gives containers a network of their own.
   */
  readonly shareNetwork: boolean;
  /** Toolchains outside `/usr`. */
  readonly expose: readonly string[];
  readonly owner: { readonly id: string; readonly isAlive: (ownerId: string) => boolean };
  /** Told of what could not be cleaned up. */
  readonly warn: (message: string) => void;
}

export interface LocalLauncher extends Launcher {
  /** Removes what processes left that are no more: directories, containers. */
  sweep(): Promise<void>;
  /** Ends all its jobs and removes its directories. */
  close(): Promise<void>;
}

interface Workplace {
  /** Of this owner. */
  readonly directory: string;
  readonly slots: RunSlots;
  readonly executors: Executors;
  /** Opened when a job first needs it. @throws PlatformFault `gateway_missing` */
  readonly gateway: Lazy<GatewaySocket>;
}

/** Ends a job that was asked to stop; never seen outside. */
class Stopped extends Error {}

export function createLauncher(options: LauncherOptions): LocalLauncher {
  const running = new Map<JobId, { stop: AbortController; done: Promise<unknown> }>();
  const workId = createHash("sha256").update(options.workDir).digest("hex").slice(0, 16);
  const workplace = new Lazy(() => openWorkplace(options, workId));

  return {
    register: (definition) => Promise.resolve(definitionName(definition)),
    async run(job, signal) {
      const stop = new AbortController();
      const either = AbortSignal.any([signal, stop.signal]);
      const done = workplace.get().then((place) => runJob(options, place, job, either));
      running.set(job.jobId, { stop, done });
      try {
        return await done;
      } catch (error) {
        if (!(error instanceof Stopped)) throw error;
        return { reported: false, detail: "it was stopped" };
      } finally {
        running.delete(job.jobId);
      }
    },
    async stop(jobId) {
      const job = running.get(jobId);
      job?.stop.abort(new Stopped());
      await job?.done.catch(() => undefined);
    },
    async sweep() {
      const root = await openWorkDirectory(options.workDir);
      for (const owner of await readdir(root)) {
        if (owner === options.owner.id || options.owner.isAlive(owner)) continue;
        await endOrphans(join(root, owner));
        await removeJob(join(root, owner), options);
      }
      const { executors } = await workplace.get();
      await executors.docker.sweep((owner) => Promise.resolve(options.owner.isAlive(owner)));
    },
    async close() {
      for (const { stop } of running.values()) stop.abort(new Stopped());
      await Promise.allSettled([...running.values()].map(({ done }) => done));
      const opened = await workplace.ifMade();
      workplace.forget();
      if (opened !== undefined) {
        await (await opened.gateway.ifMade())?.close();
        await removeScratch(opened.directory);
      }
      // It may lie outside the data directory. Other processes may be at work in it: then it stays.
      await rmdir(await openWorkDirectory(options.workDir)).catch(() => undefined);
    },
  };
}

async function openWorkplace(options: LauncherOptions, workId: string): Promise<Workplace> {
  const directory = await makeOwnDirectory(options);
  await makeReachable(directory);
  const { expose, owner, programsPerRun = availableParallelism() } = options;
  return {
    directory,
    slots: new RunSlots(programsPerRun),
    executors: new Executors({ directory, expose, ownerId: owner.id, workId }),
    gateway: new Lazy(() => openGateway(options)),
  };
}

/** Again when a process that closed has just taken the directory around it away. */
async function makeOwnDirectory(options: LauncherOptions): Promise<string> {
  const directory = join(await openWorkDirectory(options.workDir), options.owner.id);
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return makeOwnDirectory(options);
    throw error;
  }
  return directory;
}

type Job = Parameters<Launcher["run"]>[0];

async function runJob(
  options: LauncherOptions,
  place: Workplace,
  job: Job,
  signal: AbortSignal,
): Promise<JobExit> {
  const definition = parseDefinitionName(job.definition);
  const channel = options.channel(job.token);
  const startedAt = new Date().toISOString();
  const choice = await choose(options, place.executors, definition);
  if ("missing" in choice) {
    await reportMissing(channel, choice, startedAt);
    return { reported: true };
  }
  const root = join(place.directory, job.jobId);
  const sink = options.logSink(job);
  const stages = await stagesFor({
    apiUrl: options.apiUrl,
    docker: choice.executor === "docker" ? place.executors.docker : undefined,
    channel,
    token: job.token,
    root,
    signal,
  });
  try {
    signal.throwIfAborted();
    const spec = await channel.spec();
    await makeScratch(root, spec.kind);
    const execution: Execution = {
      spec,
      image: definition.image,
      root,
      ...(definition.network === "gateway" && { gatewaySocket: (await place.gateway.get()).path }),
    };
    const head = { executor: choice.executor, notes: notesOf(choice, definition), startedAt };
    if (!(await stages.in(execution, head))) return { reported: true };
    const progress = new JobProgress(spec, options.sayProgress ?? (() => Promise.resolve(undefined)));
    const log = new JobLog(sink, spec, (line) => progress.see(line));
    const executor = await place.executors.get(choice.executor);
    const exits = await place.slots.run(
      job.runId,
      () => executor.run(execution, { signal, onOutput: (...output) => log.take(...output) }),
      signal,
    );
    log.end();
    await progress.end();
    signal.throwIfAborted();
    await stages.out(execution, { ...head, exits });
    return { reported: true };
  } finally {
    try {
      await sink.close();
    } finally {
      // Also when the log could not be written: a disk that is full needs the room.
      await removeJob(root, options);
    }
  }
}

async function openGateway({ serveGateway }: LauncherOptions): Promise<GatewaySocket> {
  if (serveGateway === undefined) {
    throw new PlatformFault("gateway_missing", "This process serves no gateway to models.");
  }
  return openGatewaySocket(serveGateway);
}

async function removeJob(directory: string, { warn }: Pick<LauncherOptions, "warn">): Promise<void> {
  if (!(await removeScratch(directory))) warn(`${directory} could not be removed. Remove it by hand.`);
}

async function choose(
  options: LauncherOptions,
  executors: Executors,
  definition: JobDefinition,
): Promise<Choice> {
  const probed: (Availability & { name: ExecutorName })[] = [];
  for (const name of executorOrder(options.executor, definition.image)) {
    const refused = networkRefusal(name, definition, {
      shareNetwork: options.shareNetwork,
      platform: process.platform,
    });
    probed.push({ name, ...(refused ?? (await executors.probe(name))) });
    if (probed.at(-1)?.available === true) break;
  }
  return chooseExecutor(definition.image, probed);
}

function notesOf(choice: { executor: ExecutorName; note?: string }, definition: JobDefinition): string[] {
  if (choice.note !== undefined) return [choice.note];
  if (choice.executor !== "docker" || definition.image !== null) return [];
  return [`The environment names no docker_image: ran in ${defaultImage}.`];
}

async function reportMissing(
  channel: JobChannel,
  choice: { missing: string; hint: string },
  startedAt: string,
): Promise<void> {
  try {
    const { jobId } = await channel.spec();
    await channel.report({
      version: 1,
      jobId,
      status: "failed",
      reason: { code: "executor_missing", message: choice.missing, hint: choice.hint },
      programs: [],
      executor: "none",
      notes: [],
      startedAt,
      endedAt: new Date().toISOString(),
    });
  } catch (error) {
    throw new PlatformFault("not_reported", `${choice.missing} (${messageOf(error)})`, { cause: error });
  }
}

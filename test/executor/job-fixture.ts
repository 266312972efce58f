/** Jobs for executor tests: the volumes stage-in would fill, a spec, and what came of running it. */
import { chmod, chown, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { volumeName } from "@benchgen/core/job/container.ts";
import { programsOf } from "@benchgen/core/job/layout.ts";
import type { JobKind, JobSpec, Limits, ProgramName } from "@benchgen/core/wire/job.ts";
import { chunks } from "@benchgen/core/bundle/byte-source.ts";
import { bytesSource } from "@benchgen/core/bundle/byte-source.ts";
import { writeZip } from "@benchgen/core/bundle/zip-writer.ts";
import { buildJobSpec } from "@benchgen/core/job/spec.ts";
import type { Execution, Executor } from "@benchgen/local/executor/executor.ts";
import { makeScratch, removeScratch } from "@benchgen/local/executor/scratch.ts";
import type { JobChannel } from "@benchgen/runner/channel.ts";
import type { StageExit } from "@benchgen/runner/exit.ts";
import { stageIn } from "@benchgen/runner/stage-in.ts";

/** Small, so that a test that meets a limit is quick; but for the time, which passes on a busy machine as well. */
export const testLimits: Limits = {
  timeSeconds: 200,
  cpus: 1,
  memoryMb: 256,
  diskMb: 32,
  processes: 64,
  logBytes: 64 * 1024,
};

export type Files = Readonly<Record<string, string>>;

export interface TestJob {
  readonly kind?: JobKind;
  /** Command of each program; a shell's, so that variables and quotes are the test's own. */
  readonly commands: Partial<Record<ProgramName, string>>;
  readonly programFiles?: Files;
  readonly data?: Partial<Record<"inputData" | "referenceData" | "submission" | "predictions", Files>>;
  readonly limits?: Partial<Limits>;
  readonly network?: "none" | "open" | "gateway";
  /** What its programs are told besides, by their names. */
  readonly environment?: Partial<Record<ProgramName, Record<string, string>>>;
}

// Each process from a number of its own: containers are named after jobs, and test files run at the same time.
let counter = process.pid * 10_000;

/** A directory any user can reach, for jobs and what sandboxes mount. */
export async function scratchRoot(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "benchgen-executor-"));
  await chmod(directory, 0o755);
  return directory;
}

/** The zip of some files. */
export async function zipOf(files: Files): Promise<Uint8Array> {
  const members = Object.entries(files).map(([path, text]) => ({
    path,
    open: () => Promise.resolve(bytes(Buffer.from(text))),
  }));
  return Buffer.concat(await Array.fromAsync(writeZip(members)));
}

async function* bytes(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* chunks([content]);
}

/** The spec of a job and a channel that serves it from memory, keeping what is uploaded and reported. */
export async function jobOf(job: TestJob): Promise<{ spec: JobSpec; blobs: Map<string, Uint8Array> }> {
  const kind = job.kind ?? "scoring";
  const blobs = new Map<string, Uint8Array>();
  const put = async (name: string, files: Files) => {
    blobs.set(name, await zipOf(files));
    return { blob: name, unpack: true };
  };
  const programs: Parameters<typeof buildJobSpec>[0]["programs"] = {};
  for (const name of programsOf[kind]) {
    const command = job.commands[name] ?? "true";
    programs[name] = { input: await put(`${name}-program`, job.programFiles ?? {}), metadata: { command } };
  }
  const data: Parameters<typeof buildJobSpec>[0]["data"] = {};
  for (const [role, files] of Object.entries(job.data ?? {})) {
    data[role as keyof typeof data] = await put(role, files);
  }
  counter++;
  const spec = buildJobSpec({
    jobId: `job_${String(counter).padStart(26, "0")}`,
    runId: `run_${String(counter).padStart(26, "0")}`,
    taskIndex: 0,
    kind,
    limits: { ...testLimits, ...job.limits },
    network: job.network ?? "none",
    programs,
    data,
    environment: job.environment ?? {},
  });
  return { spec, blobs };
}

/** Serves a job from memory. */
export function memoryChannel(
  spec: JobSpec,
  blobs: ReadonlyMap<string, Uint8Array>,
): JobChannel & { uploaded: Map<string, Uint8Array>; outcomes: Parameters<JobChannel["report"]>[0][] } {
  const uploaded = new Map<string, Uint8Array>();
  const outcomes: Parameters<JobChannel["report"]>[0][] = [];
  return {
    uploaded,
    outcomes,
    spec: () => Promise.resolve(spec),
    open: ({ blob }) => Promise.resolve(bytesSource(blobs.get(blob) ?? new Uint8Array())),
    async upload(file, content) {
      uploaded.set(file, await readFile(content.path));
    },
    async report(outcome) {
      outcomes.push(outcome);
    },
  };
}

export interface Ran {
  readonly exits: readonly StageExit[];
  readonly stdout: string;
  readonly stderr: string;
  /** The job's volumes, until `dispose`. */
  readonly root: string;
  dispose(): Promise<void>;
}

/** Stages a job in and runs it; its directory stays until it is disposed of. */
export async function runJob(
  executor: Executor,
  directory: string,
  job: TestJob,
  options: {
    signal?: AbortSignal;
    image?: string | null;
    /** @param root the job's volumes */
    onOutput?: (text: string, root: string) => void;
    /** Called as soon as the executor was told to run, before it has waited for anything. */
    onTold?: () => void;
  } = {},
): Promise<Ran> {
  const { spec, blobs } = await jobOf(job);
  const root = join(directory, spec.jobId);
  await makeScratch(root, spec.kind);
  const output = { stdout: "", stderr: "" };
  try {
    await stageIn(memoryChannel(spec, blobs), root);
    const execution: Execution = { spec, image: options.image ?? null, root };
    const running = executor.run(execution, {
      signal: options.signal ?? new AbortController().signal,
      onOutput(_program, stream, chunk) {
        const text = Buffer.from(chunk).toString();
        // What a program floods us with is counted elsewhere.
        if (output[stream].length < 100_000) output[stream] += text;
        options.onOutput?.(text, root);
      },
    });
    options.onTold?.();
    const exits = await running;
    return { exits, ...output, root, dispose: async () => void (await removeScratch(root)) };
  } catch (error) {
    await removeScratch(root);
    throw error;
  }
}

/** A file in the job's volume, as a program left it or finds it. */
export function inOutput(ran: Pick<Ran, "root">, name: string): string {
  return join(ran.root, volumeName.output, name);
}

/** Writes a file everyone may read, as the machine's own: what a program must not find. */
export async function writeHostFile(path: string, text: string, owner?: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o644 });
  if (owner !== undefined) await chown(path, owner, owner);
}

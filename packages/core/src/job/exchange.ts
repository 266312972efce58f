/** What a job's stage-in and stage-out may ask, with the job's token and nothing else. */
import { createHash } from "node:crypto";
import type * as z from "zod";
import { hashToken } from "../access/token.ts";
import type { FileMap, ProgramMetadata } from "../bundle/manifest.ts";
import { bundlePath } from "../bundle/file-map.ts";
import { loadVersionWhole, type VersionDocument } from "../environment/record.ts";
import { Conflict, InvalidInput, Unauthenticated } from "../error.ts";
import type { Ports, SignedUpload } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { readRecord } from "../record/record.ts";
import { writeIf } from "../record/write.ts";
import {
  type JobRecord,
  type RunRecord,
  type TaskRecord,
  jobRecordSchema,
  jobTokenSchema,
  loadRun,
  taskRecordSchema,
} from "../run/record.ts";
import type { RunId } from "../wire/id.ts";
import { type JobFile, type JobOutcome, type JobSpec, jobOutcomeSchema } from "../wire/job.ts";
import { blobKey } from "../wire/key.ts";
import { allowedFrom, isTerminal, runMoves, taskMoves } from "../wire/status.ts";
import { gatewayToken } from "../gateway/access.ts";
import { grantFor, modelEnvironment, modelText } from "../run/against.ts";
import { requireProgram } from "./definition.ts";
import { localGatewayUrl, programsOf } from "./layout.ts";
import { type JobBlob, type JobSpecRequest, buildJobSpec } from "./spec.ts";

/** Signed URLs of one job live as long as a slow stage may take. */
const urlSeconds = 6 * 3600;

interface OpenJob {
  readonly run: RunRecord;
  readonly job: JobRecord;
  readonly task: TaskRecord;
}

/**
 * What the job is to do, without URLs: for a stage that reads the blobs itself. Marks the task as ingesting or scoring.
 * @param gatewayUrl where its programs reach the gateway; default: inside a sandbox of one machine
 * @throws Unauthenticated `job_token_invalid` when the token is unknown, expired, or its run is over
 * @throws Conflict `job_reported` when it has been done: a task that is run again must not do it twice
 */
export async function loadJobSpec(
  ports: Pick<Ports, "table" | "blobs" | "clock">,
  token: string,
  gatewayUrl: string = localGatewayUrl,
): Promise<JobSpec> {
  const open = await openJob(ports, token);
  const { run, job, task } = open;
  await requireUnreported(ports, job);
  const { document } = await loadVersionWhole(ports, run.environmentId, run.version);
  const spec = await specOf(ports, open, document, { token, gatewayUrl });
  await beginTask(ports, job, task);
  return spec;
}

/** As `loadJobSpec`, with a signed URL for every input. */
export async function readJobSpec(
  ports: Pick<Ports, "table" | "blobs" | "clock">,
  token: string,
  gatewayUrl?: string,
): Promise<JobSpec> {
  const spec = await loadJobSpec(ports, token, gatewayUrl);
  const inputs = await Promise.all(
    spec.inputs.map(async (input) => ({
      ...input,
      url: await ports.blobs.signDownload(input.blob, { expiresInSeconds: urlSeconds }),
    })),
  );
  return { ...spec, inputs };
}

/** Where one of the job's files goes. @throws Unauthenticated, Conflict `job_reported` */
export async function jobFileKey(
  ports: Pick<Ports, "table" | "blobs" | "clock">,
  token: string,
  file: JobFile,
): Promise<string> {
  const { run, job } = await openJob(ports, token);
  await requireUnreported(ports, job);
  return blobKey.jobFile(run.id, job.taskIndex, job.kind, file);
}

/** A signed PUT for one of the job's files. @throws Unauthenticated, Conflict `job_reported` */
export async function signJobUpload(
  ports: Pick<Ports, "table" | "blobs" | "clock">,
  token: string,
  input: { readonly file: JobFile; readonly size: number; readonly sha256: string },
): Promise<SignedUpload> {
  const key = await jobFileKey(ports, token, input.file);
  return ports.blobs.signUpload({
    key,
    size: input.size,
    sha256: input.sha256,
    expiresInSeconds: urlSeconds,
  });
}

/**
 * Stores the outcome, last of all. Reporting twice is fine; the first report counts, for the files are those it names.
 * @returns the job that is over
 * @throws InvalidInput when it is another job's
 * @throws Unauthenticated
 */
export async function reportJobOutcome(
  ports: Pick<Ports, "table" | "blobs" | "clock">,
  token: string,
  outcome: JobOutcome,
): Promise<JobRecord> {
  const { run, job } = await openJob(ports, token);
  const checked = jobOutcomeSchema.parse(outcome);
  if (checked.jobId !== job.id) {
    throw new InvalidInput("job_mismatch", `This token is of ${job.id}; the outcome is of ${checked.jobId}.`);
  }
  const bytes = new TextEncoder().encode(JSON.stringify(checked));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const key = blobKey.jobFile(run.id, job.taskIndex, job.kind, "outcome.json");
  const options = { sha256, size: bytes.length, contentType: "application/json", ifAbsent: true };
  await ports.blobs.put(key, bytes, options);
  return job;
}

/** The outcome a job reported; undefined when it has not. */
export async function readOutcome(
  ports: Pick<Ports, "blobs">,
  job: Pick<JobRecord, "runId" | "taskIndex" | "kind">,
): Promise<JobOutcome | undefined> {
  const key = blobKey.jobFile(job.runId, job.taskIndex, job.kind, "outcome.json");
  const bytes = await ports.blobs.get(key, { maxBytes: 1024 * 1024 });
  return bytes === undefined
    ? undefined
    : jobOutcomeSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
}

/** What a job stored is final once it has reported: a later attempt must not put other files in the place of those. */
async function requireUnreported(ports: Pick<Ports, "blobs">, job: JobRecord): Promise<void> {
  const key = blobKey.jobFile(job.runId, job.taskIndex, job.kind, "outcome.json");
  if ((await ports.blobs.head(key)) === undefined) return;
  throw new Conflict("job_reported", `The job ${job.id} has reported how it ended.`);
}

/**
 * Which job a token opens. Asked first, so that a stranger learns nothing about what a request should look like.
 * @throws Unauthenticated `job_token_invalid`
 */
export async function requireJobToken(
  ports: Pick<Ports, "table" | "clock">,
  token: string,
): Promise<z.infer<typeof jobTokenSchema>> {
  const found = await readRecord(ports.table, tableKey.jobToken(hashToken(token)), jobTokenSchema);
  if (found === undefined || found.expiresAt <= ports.clock.now().toISOString()) throw tokenInvalid();
  return found;
}

async function openJob(ports: Pick<Ports, "table" | "clock">, token: string): Promise<OpenJob> {
  const { runId, taskIndex, kind } = await requireJobToken(ports, token);
  const [run, job, task] = await Promise.all([
    loadRun(ports.table, runId),
    readRecord(ports.table, tableKey.job(runId, taskIndex, kind), jobRecordSchema),
    readRecord(ports.table, tableKey.task(runId, taskIndex), taskRecordSchema),
  ]);
  if (job === undefined || task === undefined || isTerminal(runMoves, run.status)) throw tokenInvalid();
  return { run, job, task };
}

function tokenInvalid(): Unauthenticated {
  return new Unauthenticated("job_token_invalid", "The job token is unknown or expired, or its run is over.");
}

async function specOf(
  ports: Pick<Ports, "blobs">,
  { run, job, task: stored }: OpenJob,
  document: VersionDocument,
  reached: { readonly token: string; readonly gatewayUrl: string },
): Promise<JobSpec> {
  const { manifest, programs, files } = document;
  const task = manifest.tasks.find(({ index }) => index === job.taskIndex);
  if (task === undefined) throw new Error(`run ${run.id} names a task its version lacks`);
  const { limits, network } = job.definition;
  const program = (path: string) => ({
    input: bundleBlob(files, path),
    metadata: requireProgram(programs, path),
  });
  const submission: JobBlob = {
    blob: blobKey.content(run.submission.sha256),
    ...run.submission,
    unpack: true,
  };
  const exit = stored.ingestionExit;
  const model = programsOf[job.kind].includes("ingestion") ? run.against?.grants.ingestion : undefined;
  return buildJobSpec({
    jobId: job.id,
    runId: run.id,
    taskIndex: job.taskIndex,
    kind: job.kind,
    limits,
    network,
    programs: {
      ...(task.ingestionProgram === undefined ? {} : { ingestion: program(task.ingestionProgram) }),
      scoring: program(task.scoringProgram),
    },
    data: {
      submission,
      predictions: exit === undefined ? submission : await predictionsOf(ports, run.id, job.taskIndex),
      ...(task.inputData === undefined ? {} : { inputData: bundleBlob(files, task.inputData) }),
      ...(task.referenceData === undefined ? {} : { referenceData: bundleBlob(files, task.referenceData) }),
    },
    ...(run.against && model && { modelText: modelText(model, run.against) }),
    environment: modelEnvironments(run, job.kind, programs[task.scoringProgram], reached),
    ...(exit === undefined
      ? {}
      : { ingestion: { exitCode: exit.exitCode ?? -1, elapsedSeconds: exit.elapsedSeconds } }),
  });
}

/** What the programs of a job are told of their models. */
function modelEnvironments(
  { against }: RunRecord,
  kind: JobRecord["kind"],
  scorer: ProgramMetadata | undefined,
  { token, gatewayUrl }: { readonly token: string; readonly gatewayUrl: string },
): NonNullable<JobSpecRequest["environment"]> {
  const told = programsOf[kind].flatMap((program) => {
    const grant = grantFor(against, program, scorer);
    if (grant === undefined || against === undefined) return [];
    const at = { url: gatewayUrl, token: gatewayToken(token, program) };
    return [[program, modelEnvironment(grant, against, at)] as const];
  });
  return Object.fromEntries(told);
}

/** What the ingestion program wrote, as stage-out stored it. */
async function predictionsOf(ports: Pick<Ports, "blobs">, runId: RunId, taskIndex: number): Promise<JobBlob> {
  const blob = blobKey.jobFile(runId, taskIndex, "ingestion", "output.zip");
  const outcome = await readOutcome(ports, { runId, taskIndex, kind: "ingestion" });
  const known =
    outcome?.output === undefined ? {} : { size: outcome.output.size, sha256: outcome.output.sha256 };
  return { blob, ...known, unpack: true };
}

/** A field of the manifest as an input: a zip is unpacked, any other file is put there under its own name. */
function bundleBlob(files: FileMap, path: string): JobBlob {
  const stored = bundlePath(files, path);
  if (stored === undefined) throw new Error(`a published version lacks its file "${path}"`);
  const unpack = stored.kind === "directory" || /\.zip$/i.test(path);
  const filename = path.slice(path.lastIndexOf("/") + 1);
  return {
    blob: blobKey.content(stored.sha256),
    size: stored.size,
    sha256: stored.sha256,
    unpack,
    ...(unpack ? {} : { filename }),
  };
}

async function beginTask(
  ports: Pick<Ports, "table" | "clock">,
  job: JobRecord,
  task: TaskRecord,
): Promise<void> {
  const status = job.kind === "ingestion" ? "ingesting" : "scoring";
  const startedAt = task.startedAt ?? ports.clock.now().toISOString();
  // A task that is over takes no new status; its job is being stopped.
  await writeIf(ports.table, [
    {
      kind: "update",
      key: tableKey.task(job.runId, job.taskIndex),
      set: { status, startedAt },
      conditions: [{ kind: "oneOf", attribute: "status", values: allowedFrom(taskMoves, status) }],
    },
  ]);
}

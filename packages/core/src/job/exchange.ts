/** What a job's stage-in and stage-out may ask, with the job's token and nothing else. */
import type * as z from "zod";
import { hashToken } from "../access/token.ts";
import { loadVersionWhole } from "../environment/record.ts";
import { Conflict, InvalidInput, Unauthenticated } from "../error.ts";
import type { Ports, SignedUpload } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { readRecord } from "../record/record.ts";
import { writeIf } from "../record/write.ts";
import {
  type JobRecord,
  type TaskRecord,
  jobRecordSchema,
  jobTokenSchema,
  loadRun,
  taskRecordSchema,
} from "../run/record.ts";
import { type JobFile, type JobOutcome, type JobSpec, jobOutcomeSchema } from "../wire/job.ts";
import { blobKey } from "../wire/key.ts";
import { allowedFrom, isTerminal, runMoves, taskMoves } from "../wire/status.ts";
import { localGatewayUrl } from "./layout.ts";
import { hasOutcome, keepOutcome } from "./outcome.ts";
import { type StoredJob, specOf } from "./stored-spec.ts";

/** Signed URLs of one job live as long as a slow stage may take. */
const urlSeconds = 6 * 3600;

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
 * Stores the outcome, last of all. Reporting twice is fine; the first report counts.
 * @returns the job that is over
 * @throws InvalidInput when it is another job's
 * @throws Unauthenticated
 */
export async function reportJobOutcome(
  ports: Pick<Ports, "table" | "blobs" | "clock">,
  token: string,
  outcome: JobOutcome,
): Promise<JobRecord> {
  const { job } = await openJob(ports, token);
  const checked = jobOutcomeSchema.parse(outcome);
  if (checked.jobId !== job.id) {
    throw new InvalidInput("job_mismatch", `This token is of ${job.id}; the outcome is of ${checked.jobId}.`);
  }
  await keepOutcome(ports, job, checked);
  return job;
}

/** What a job stored is final once it has reported: a later attempt must not put other files in the place of those. */
async function requireUnreported(ports: Pick<Ports, "blobs">, job: JobRecord): Promise<void> {
  if (!(await hasOutcome(ports, job))) return;
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

async function openJob(ports: Pick<Ports, "table" | "clock">, token: string): Promise<StoredJob> {
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

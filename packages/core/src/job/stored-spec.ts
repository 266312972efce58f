/** The spec of a job, made of what is stored of its run and of its version. */
import { bundlePath } from "../bundle/file-map.ts";
import type { FileMap, ProgramMetadata } from "../bundle/manifest.ts";
import type { VersionDocument } from "../environment/record.ts";
import { gatewayToken } from "../gateway/access.ts";
import type { Ports } from "../ports.ts";
import { grantFor, modelEnvironment, modelText } from "../run/against.ts";
import type { JobRecord, RunRecord, TaskRecord } from "../run/record.ts";
import type { RunId } from "../wire/id.ts";
import type { JobSpec } from "../wire/job.ts";
import { blobKey } from "../wire/key.ts";
import { requireProgram } from "./definition.ts";
import { programsOf } from "./layout.ts";
import { readOutcome } from "./outcome.ts";
import { type JobBlob, type JobSpecRequest, buildJobSpec } from "./spec.ts";

/** A job, with the run and the task it is part of. */
export interface StoredJob {
  readonly run: RunRecord;
  readonly job: JobRecord;
  readonly task: TaskRecord;
}

/** @param reached where the job's programs find the gateway, and the job's token, which those of its programs follow from */
export async function specOf(
  ports: Pick<Ports, "blobs">,
  { run, job, task: stored }: StoredJob,
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

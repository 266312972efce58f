/** Makes the spec a job's stage-in fetches. */
import type { ProgramMetadata } from "../bundle/manifest.ts";
import { InvalidInput } from "../error.ts";
import type { JobId, RunId } from "../wire/id.ts";
import type {
  JobInput,
  JobKind,
  JobProgram,
  JobSpec,
  Limits,
  NetworkMode,
  ProgramName,
} from "../wire/job.ts";
import { commandVariables, substitute } from "./command.ts";
import {
  type DataRole,
  modelFile,
  placementsOf,
  programDirectory,
  programsOf,
  sharedDirectories,
} from "./layout.ts";

/** Something stored, to be put in place for a job. */
export interface JobBlob {
  readonly blob: string;
  /** Bytes. */
  readonly size?: number;
  /** Lower-case hex. */
  readonly sha256?: string;
  /** A zip is unpacked; anything else is put there as one file called `filename`. */
  readonly unpack: boolean;
  readonly filename?: string;
}

export interface JobSpecRequest {
  readonly jobId: JobId;
  readonly runId: RunId;
  readonly taskIndex: number;
  readonly kind: JobKind;
  readonly limits: Limits;
  readonly network: NetworkMode;
  /** Exactly those the kind runs: `programsOf[kind]`. */
  readonly programs: Partial<
    Record<ProgramName, { readonly input: JobBlob; readonly metadata: Pick<ProgramMetadata, "command"> }>
  >;
  readonly data: Partial<Record<DataRole, JobBlob>>;
  /** How the task's earlier ingestion job ended, for the `metadata` file beside the scores. */
  readonly ingestion?: { readonly exitCode: number; readonly elapsedSeconds: number };
  /** What the ingestion program reads of the model: the content of `model.json`. */
  readonly modelText?: string;
  /** Added to a program's environment: a model's endpoint, for a run against one. */
  readonly environment?: Partial<Record<ProgramName, Readonly<Record<string, string>>>>;
}

/**
 * The spec of one job. Data the kind has no place for is left out, so reference data can never reach an ingestion job.
 * @throws InvalidInput `program_missing`, or what `substitute` throws for a command
 */
export function buildJobSpec(request: JobSpecRequest): JobSpec {
  const inputs: JobInput[] = [];
  const programs: JobProgram[] = [];
  for (const name of programsOf[request.kind]) {
    const program = request.programs[name];
    if (program === undefined) {
      throw new InvalidInput("program_missing", `A job of kind ${request.kind} needs the ${name} program.`);
    }
    inputs.push(jobInput(programDirectory, name, program.input));
    for (const { role, path } of placementsOf(request.kind, name)) {
      const blob = request.data[role];
      if (blob !== undefined) inputs.push(jobInput(path, name, blob));
    }
    programs.push({
      name,
      argv: substitute(program.metadata.command, name),
      environment: programEnvironment(request, name),
    });
  }
  return {
    version: 1,
    jobId: request.jobId,
    runId: request.runId,
    taskIndex: request.taskIndex,
    kind: request.kind,
    inputs,
    programs,
    limits: request.limits,
    network: request.network,
    directories: [...sharedDirectories],
    ...(request.modelText === undefined
      ? {}
      : { texts: [{ path: modelFile, program: "ingestion", text: request.modelText }] }),
    ...(request.ingestion === undefined ? {} : { ingestion: request.ingestion }),
  };
}

/** Everything a program finds in its environment, but for `PATH`, which only what runs it knows. */
function programEnvironment(
  request: Pick<JobSpecRequest, "runId" | "taskIndex" | "environment">,
  name: ProgramName,
): Record<string, string> {
  return {
    ...commandVariables[name],
    ...request.environment?.[name],
    PYTHONUNBUFFERED: "1",
    HOME: "/tmp",
    BENCHGEN_RUN_ID: request.runId,
    BENCHGEN_TASK_INDEX: String(request.taskIndex),
  };
}

function jobInput(path: string, program: ProgramName, blob: JobBlob): JobInput {
  const { size, sha256, filename } = blob;
  return {
    path,
    program,
    blob: blob.blob,
    unpack: blob.unpack,
    ...(size === undefined ? {} : { size }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(filename === undefined ? {} : { filename }),
  };
}

/** Which jobs a task needs, and how each is defined. Pure. */
import type { Manifest, ProgramMetadata, Task } from "../bundle/manifest.ts";
import type { SubmissionKind } from "../wire/api.ts";
import type { JobDefinition, JobKind, Limits } from "../wire/job.ts";
import { resolveLimits, resolveNetwork } from "./limits.ts";

/** What an operator allows every job of a deployment. */
export interface JobPolicy {
  /** Maxima; absent ones do not limit. */
  readonly ceilings: Partial<Limits>;
  /** Whether a program that asks for the network in its metadata may have it. */
  readonly allowNetwork: boolean;
  /** Whether a program with a model reaches more than the gateway: none then runs a submission as well. */
  readonly modelsOpenNetwork?: boolean;
  /** Whether any of the job's programs may call a model. */
  readonly callsModel?: boolean;
}

/**
 * The jobs of one task, in order. A task without an ingestion program runs no ingestion job, and predictions sent to
 * one that has it are scored as they are.
 */
export function jobKindsOf(task: Task, as: SubmissionKind): JobKind[] {
  if (task.ingestionProgram === undefined) return ["scoring"];
  if (task.ingestionOnlyDuringScoring) return as === "predictions" ? ["scoring"] : ["concurrent"];
  return as === "predictions" ? ["scoring"] : ["ingestion", "scoring"];
}

/** The definition of one of a task's jobs. */
export function jobDefinition(
  kind: JobKind,
  task: Task,
  phase: { readonly executionTimeLimit: number },
  version: {
    readonly manifest: Pick<Manifest, "dockerImage">;
    readonly programs: Readonly<Record<string, ProgramMetadata>>;
  },
  policy: JobPolicy,
): JobDefinition {
  const metadata = programsOfTask(kind, task).map((path) => requireProgram(version.programs, path));
  return {
    version: 1,
    kind,
    image: task.dockerImage ?? version.manifest.dockerImage ?? null,
    limits: resolveLimits(
      phase,
      metadata.map(({ resources }) => resources),
      policy.ceilings,
    ),
    network: resolveNetwork(
      metadata.map(({ network }) => network),
      { allowed: policy.allowNetwork, callsModel: policy.callsModel ?? false },
    ),
  };
}

/** Bundle paths of the programs a job runs. */
function programsOfTask(kind: JobKind, task: Task): string[] {
  const ingestion = kind === "scoring" ? [] : [task.ingestionProgram];
  const scoring = kind === "ingestion" ? [] : [task.scoringProgram];
  return [...ingestion, ...scoring].filter((path) => path !== undefined);
}

/** @throws Error when a checked version lacks the metadata of its own program: damage, not input */
export function requireProgram(
  programs: Readonly<Record<string, ProgramMetadata>>,
  path: string,
): ProgramMetadata {
  const metadata = programs[path];
  if (metadata === undefined)
    throw new Error(`a published version has no metadata for its program "${path}"`);
  return metadata;
}

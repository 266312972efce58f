import { type Principal, isAuthorOf, participantOf, requireScope } from "../access/principal.ts";
import type { Manifest, Phase } from "../bundle/manifest.ts";
import {
  type EnvironmentRecord,
  type VersionRecord,
  loadDocument,
  loadEnvironment,
  loadVersion,
} from "../environment/record.ts";
import { resolveVersion } from "../environment/version.ts";
import { Conflict, Forbidden, InvalidInput } from "../error.ts";
import type { Ports } from "../ports.ts";
import { loadOwnSubmission } from "../submission/create.ts";
import { loadSubmission } from "../submission/record.ts";
import { type CreateRun, type Run, type SubmissionKind, createRunSchema } from "../wire/api.ts";
import type { RunId } from "../wire/id.ts";
import { isTerminal, runMoves } from "../wire/status.ts";
import { createModelSubmission, resolveAgainst } from "./against.ts";
import { createRun } from "./create.ts";
import { choosePhase, requireOpen } from "./phase.ts";
import { loadOwnRun } from "./read.ts";
import { viewRun } from "./record.ts";

type StartPorts = Pick<Ports, "table" | "blobs" | "workflow" | "clock" | "ids">;

/**
 * Starts one submission against one version and phase. A version that is not published can be tried by its authors:
 * such a trial knows no phase windows and no limits, and reaches no leaderboard.
 * @throws Conflict `phase_closed`, `version_not_published`
 * @throws LimitReached
 * @throws InvalidInput `phase_ambiguous`, `phase_unknown`, `kind_impossible`, `submission_missing`, and what
 *   `resolveAgainst` throws
 */
export async function startRun(ports: StartPorts, principal: Principal, request: CreateRun): Promise<Run> {
  requireScope(principal, "submit");
  const input = createRunSchema.parse(request);
  const { environment, version } = await resolveVersion(ports, principal, input.environment);
  // Somebody else's is refused before anything is made.
  const sent =
    input.submissionId === undefined
      ? undefined
      : await loadOwnSubmission(ports, principal, input.submissionId);
  const document = await loadDocument(ports.blobs, version);
  const { manifest } = document;
  const purpose = purposeOf(principal, environment, version);
  const now = ports.clock.now();
  const phase = choosePhase(manifest.phases, input.phase, purpose === "trial" ? undefined : now);
  if (purpose === "evaluation") requireOpen(phase, { phases: manifest.phases, now });
  const against = await resolveAgainst(ports, principal, input, document, phase.tasks);
  const submission = sent ?? (await createModelSubmission(ports, principal, against));
  const as = kindOf(manifest, phase.tasks, sent === undefined ? "model" : input.as);
  const record = await createRun(ports, {
    id: ports.ids.next("run"),
    environment,
    version: version.number,
    phase,
    tasks: tasksOf(manifest, phase.tasks),
    submission,
    participant: principal.workspace === environment.workspace ? principal.name : participantOf(principal),
    participantKey: participantOf(principal),
    as,
    name: input.name ?? submission.filename.replace(/\.zip$/i, ""),
    purpose,
    against,
  });
  return viewRun(record, [], true);
}

/**
 * Runs the same submission against the same version and phase again, as a run of its own that counts like any other.
 * @throws Conflict `run_not_over`, `phase_closed`
 * @throws Forbidden `models_not_yours` for a run that asked models of another workspace, at its cost
 */
export async function retryRun(ports: StartPorts, principal: Principal, runId: RunId): Promise<Run> {
  requireScope(principal, "submit");
  const run = await loadOwnRun(ports, principal, runId);
  if (!isTerminal(runMoves, run.status)) {
    throw new Conflict(
      "run_not_over",
      `Run ${run.id} is ${run.status}; only a run that is over can be tried again.`,
      {
        hint: `Stop it first: benchgen cancel ${run.id}`,
      },
    );
  }
  const submission = await loadSubmission(ports.table, run.submissionId);
  if (run.against !== undefined && submission.workspace !== principal.workspace) {
    throw new Forbidden(
      "models_not_yours",
      `Run ${run.id} asks models of the workspace "${submission.workspace}", at its cost.`,
      { hint: `Only ${run.participant} can run it again.` },
    );
  }
  const environment = await loadEnvironment(ports.table, run.environmentId);
  const version = await loadVersion(ports.table, run.environmentId, run.version);
  const { manifest } = await loadDocument(ports.blobs, version);
  const phase = choosePhase(manifest.phases, String(run.phase.index), undefined);
  if (run.purpose === "evaluation") {
    requireOpen(phase, { phases: manifest.phases, now: ports.clock.now() });
  }
  const record = await createRun(ports, {
    id: ports.ids.next("run"),
    environment,
    version: run.version,
    phase,
    tasks: run.taskList,
    submission,
    participant: run.participant,
    participantKey: run.participantKey,
    as: run.as,
    name: run.name,
    // A verification decides about publishing; a repeated one is only a trial.
    purpose: run.purpose === "verification" ? "trial" : run.purpose,
    against: run.against,
    retryOf: run.id,
  });
  return viewRun(record, [], true);
}

function purposeOf(
  principal: Principal,
  environment: EnvironmentRecord,
  version: VersionRecord,
): Run["purpose"] {
  if (version.status === "published") return "evaluation";
  if (isAuthorOf(principal, environment)) return "trial";
  throw new Conflict(
    "version_not_published",
    `Version ${version.number} of "${environment.name}" is ${version.status}.`,
  );
}

/**
 * What the submission is taken for.
 * @throws InvalidInput `kind_impossible` for code where nothing would run it
 */
export function kindOf(
  manifest: Manifest,
  taskIndexes: readonly number[],
  asked: SubmissionKind | undefined,
): SubmissionKind {
  const tasks = manifest.tasks.filter((task) => taskIndexes.includes(task.index));
  const ingests = tasks.some((task) => task.ingestionProgram !== undefined);
  if (asked === undefined) return ingests ? "code" : "predictions";
  if (asked !== "predictions" && !ingests) {
    throw new InvalidInput(
      "kind_impossible",
      `This phase has no ingestion program, so nothing would run a submission of kind "${asked}".`,
      { hint: "Send predictions: --as predictions" },
    );
  }
  return asked;
}

/** Index and name of the tasks, by index. */
export function tasksOf(manifest: Manifest, indexes: Phase["tasks"]): { index: number; name: string }[] {
  return manifest.tasks
    .filter((task) => indexes.includes(task.index))
    .map(({ index, name }) => ({ index, name }));
}

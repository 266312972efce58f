/** The step after a scoring job: reads its outcome and its scores, and ends the task. */
import { blobSource } from "../bundle/byte-source.ts";
import type { Leaderboard } from "../bundle/manifest.ts";
import { type ZipArchive, type ZipEntry, openZip } from "../bundle/zip-archive.ts";
import type { CaseDirectory } from "../case/directory.ts";
import { storeCases, storeUnread } from "../case/store.ts";
import { gatherCalls } from "../gateway/gather.ts";
import { loadVersionWhole } from "../environment/record.ts";
import { InvalidInput, NotFound } from "../error.ts";
import type { JobReference } from "../job/outcome.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { readRecord, toAttributes } from "../record/record.ts";
import type { ScoredColumn } from "../score/parse.ts";
import { type ScoringOutput, readScores } from "../score/read.ts";
import { nothingScored, runScores, scoreRun } from "../score/score-run.ts";
import type { JobOutcome } from "../wire/job.ts";
import { blobKey } from "../wire/key.ts";
import type { Reason } from "../wire/reason.ts";
import { judgeNotes } from "./against.ts";
import { limitFailure, limitReason } from "./limit.ts";
import { failTask, requireOutcome, sealJob, updateTask } from "./job-outcome.ts";
import { misplacedNotes, outputNotes } from "./output-note.ts";
import { loadRun, taskRecordSchema } from "./record.ts";
import { type PlannedTask, plannedTaskSchema } from "./workflow.ts";

/** Reports and per-case results larger than these are not kept apart; they stay in the job's output. */
const maxReportBytes = 64 * 1024 * 1024;
const maxResultsBytes = 4 * 1024 ** 3;

/**
 * Ends the task: scored, or failed with a reason.
 * @throws PlatformFault `outcome_missing` when the job never reported
 */
export async function readTaskScores(
  ports: Pick<Ports, "table" | "blobs" | "clock">,
  input: PlannedTask,
): Promise<{ succeeded: boolean }> {
  const { runId, index, scoring } = plannedTaskSchema.parse(input);
  const job = { runId, taskIndex: index, kind: scoring.kind };
  const outcome = await requireOutcome(ports, job);
  const succeeded = await endTask(ports, job, outcome);
  await sealJob(ports, job);
  return { succeeded };
}

async function endTask(
  ports: Pick<Ports, "table" | "blobs" | "clock">,
  job: JobReference,
  outcome: JobOutcome,
): Promise<boolean> {
  const { runId, taskIndex } = job;
  // The job moved its task so when it fetched its spec. Once more: the moves below begin there.
  await updateTask(ports, runId, taskIndex, "scoring", {});
  const run = await loadRun(ports.table, runId);
  // A judge calls while it scores, a concurrent program too; all of a task's calls are written again.
  if (run.against !== undefined) await gatherCalls(ports, runId, taskIndex);
  const { document } = await loadVersionWhole(ports, run.environmentId, run.version);
  const { leaderboards, tasks } = document.manifest;
  const scorer = document.programs[tasks.find(({ index }) => index === taskIndex)?.scoringProgram ?? ""];
  const task = await readRecord(ports.table, tableKey.task(runId, taskIndex), taskRecordSchema);
  const notes = [
    // What is known of the ingestion job; a step that is repeated finds its own as well.
    ...(task?.notes ?? []),
    ...outcome.notes,
    ...judgeNotes(run.against, scorer),
    ...outputNotes(run, job.kind, outcome),
  ];
  const seen = { notes: [...new Set(notes)], executor: outcome.executor };
  const fail = async (found: Reason, cases: CaseDirectory | undefined) => {
    const reason = limitFailure(found, await limitReason(ports, run));
    await failTask(ports, runId, taskIndex, reason, { ...seen, ...caseAttributes(cases) });
    return false;
  };
  if (outcome.reason !== undefined) return fail(outcome.reason, await casesOfFailed(ports, job, outcome));
  const output = await readOutput(ports, job, leaderboards).catch((error: unknown) => {
    if (error instanceof InvalidInput) return unreadable(error);
    throw error;
  });
  if ("code" in output) return fail(output, undefined);
  const { cases } = output;
  if (output.scores.status !== "scored") return fail(output.scores.reason, cases);
  const written = { scores: output.scores.scores, unscored: output.scores.unscored };
  const nothing = run.taskList.length === 1 ? nothingScored([{ index: taskIndex, ...written }]) : undefined;
  if (nothing !== undefined) return fail(nothing, cases);
  const { scores, unscored } = runScores(scoreRun(leaderboards, [{ index: taskIndex, ...written }]));
  const endedAt = ports.clock.now().toISOString();
  const change = {
    ...seen,
    notes: [...new Set([...notes, ...misplacedNotes(run, output.misplacedResults)])],
    written,
    scores,
    unscored: messagesOf(unscored),
    endedAt,
    ...caseAttributes(cases),
  };
  return updateTask(ports, runId, taskIndex, "succeeded", toAttributes(change));
}

/** Column key to why it has no value, as the API shows it. */
export function messagesOf(unscored: Readonly<Record<string, { message: string }>>): Record<string, string> {
  return Object.fromEntries(Object.entries(unscored).map(([key, { message }]) => [key, message]));
}

/** Reads the scores, and copies the report and the per-case results where they can be read on their own. */
async function readOutput(
  ports: Pick<Ports, "blobs">,
  job: JobReference,
  leaderboards: readonly Leaderboard[],
): Promise<ScoringOutput & { readonly cases: CaseDirectory | undefined }> {
  const { runId, taskIndex } = job;
  const archive = await openOutput(ports, job);
  const output = await readScores(archive, columnsOf(leaderboards));
  await keep(
    ports,
    archive,
    output.detailedResults,
    maxReportBytes,
    blobKey.detailedResults(runId, taskIndex),
    "text/html",
  );
  return { ...output, cases: await keepCases(ports, archive, output.results, job) };
}

/** What a program that failed, or ran out of time, had measured by then. The reason of its failure stands. */
async function casesOfFailed(
  ports: Pick<Ports, "blobs">,
  job: JobReference,
  outcome: JobOutcome,
): Promise<CaseDirectory | undefined> {
  if (outcome.output === undefined) return undefined;
  try {
    const archive = await openOutput(ports, job);
    return await keepCases(ports, archive, (await readScores(archive, [])).results, job);
  } catch (error) {
    if (error instanceof InvalidInput || error instanceof NotFound) return undefined;
    throw error;
  }
}

async function openOutput(
  ports: Pick<Ports, "blobs">,
  { runId, taskIndex, kind }: JobReference,
): Promise<ZipArchive> {
  return openZip(await blobSource(ports.blobs, blobKey.jobFile(runId, taskIndex, kind, "output.zip")));
}

/** @returns what is known of the cases; undefined when the program wrote no results.jsonl */
async function keepCases(
  ports: Pick<Ports, "blobs">,
  archive: ZipArchive,
  entry: ZipEntry | undefined,
  { runId, taskIndex }: JobReference,
): Promise<CaseDirectory | undefined> {
  if (entry === undefined) return undefined;
  const task = { runId, taskIndex };
  if (entry.size > maxResultsBytes) return storeUnread(ports, task, entry.size, maxResultsBytes);
  const key = blobKey.results(runId, taskIndex);
  await keep(ports, archive, entry, maxResultsBytes, key, "application/jsonl");
  return storeCases(ports, task);
}

function caseAttributes(cases: CaseDirectory | undefined): object {
  return cases === undefined ? {} : { cases: cases.counts, caseDirectory: cases };
}

async function keep(
  ports: Pick<Ports, "blobs">,
  archive: ZipArchive,
  entry: ZipEntry | undefined,
  maxBytes: number,
  key: string,
  contentType: string,
): Promise<void> {
  if (entry === undefined || entry.size > maxBytes) return;
  await ports.blobs.put(key, await archive.open(entry), { size: entry.size, contentType });
}

/** Every column some board shows, once: a key that one board computes and another does not is written. */
export function columnsOf(leaderboards: readonly Leaderboard[]): ScoredColumn[] {
  const byKey = new Map<string, ScoredColumn>();
  for (const column of leaderboards.flatMap(({ columns }) => columns)) {
    if (byKey.get(column.key)?.computation !== undefined || !byKey.has(column.key))
      byKey.set(column.key, column);
  }
  return [...byKey.values()];
}

function unreadable(error: InvalidInput): Reason {
  return {
    code: "scores_unreadable",
    message: `The scoring program's output cannot be read: ${error.message}`,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
}

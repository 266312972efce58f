/** Runs, their tasks and their jobs as the table stores them. */
import * as z from "zod";
import { caseDirectorySchema } from "../case/directory.ts";
import { NotFound } from "../error.ts";
import { everyItem } from "../page.ts";
import type { Query, Table } from "../ports.ts";
import { partition, tableKey } from "../record/key.ts";
import { readRecord } from "../record/record.ts";
import { type Run, type RunTask, runSchema, runTaskSchema } from "../wire/api.ts";
import { type RunId, idSchema } from "../wire/id.ts";
import type { Reason } from "../wire/reason.ts";
import { jobDefinitionSchema, jobKinds, programExitSchema } from "../wire/job.ts";
import { isTerminal, runMoves, taskMoves } from "../wire/status.ts";
import { againstSchema, viewAgainst } from "./against.ts";

export const runRecordSchema = runSchema.omit({ tasks: true }).extend({
  /** The workspace that owns the environment: its authors see everything of the run. */
  workspace: z.string(),
  /** `workspace/name` of the participant. */
  participantKey: z.string(),
  submission: z.object({ sha256: z.string(), size: z.int(), holdsCode: z.boolean() }),
  /** What is run, in order: the phase's tasks, or those a solution names. */
  taskList: z.array(z.object({ index: z.int(), name: z.string() })),
  /** What the phase keeps from its participants; authors see everything. */
  hidden: z.object({ output: z.boolean(), predictions: z.boolean(), scoring: z.boolean() }),
  /** The UTC day it was counted on; absent when it does not count. Refunded when the platform was at fault. */
  countedOn: z.string().optional(),
  /** The models its programs may call. */
  against: againstSchema.optional(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

export const jobRecordSchema = z.object({
  id: idSchema("job"),
  runId: idSchema("run"),
  taskIndex: z.int(),
  kind: z.enum(jobKinds),
  /** What runs, with the operator's limits already applied. */
  definition: jobDefinitionSchema,
  /** Its name, as the launcher registered it. */
  registeredAs: z.string(),
  tokenHash: z.string(),
  /** Of the tokens that open models to its programs. */
  gatewayHashes: z.array(z.string()).default([]),
});
export type JobRecord = z.infer<typeof jobRecordSchema>;

/** What a job token opens. */
export const jobTokenSchema = z.object({
  runId: idSchema("run"),
  taskIndex: z.int(),
  kind: z.enum(jobKinds),
  jobId: idSchema("job"),
  expiresAt: z.string(),
});

const unscoredSchema = z.record(
  z.string(),
  z.object({ code: z.enum(["missing", "not_finite", "not_a_number"]), message: z.string() }),
);

export const taskRecordSchema = runTaskSchema.extend({
  /** How the ingestion program ended, for the `metadata` file beside the scores. */
  ingestionExit: programExitSchema.optional(),
  /** What the scoring program wrote, before computed columns: what the merge computes the run's values from. */
  written: z.object({ scores: z.record(z.string(), z.number()), unscored: unscoredSchema }).optional(),
  /** What its results.jsonl holds, where it wrote one. */
  caseDirectory: caseDirectorySchema.optional(),
});
export type TaskRecord = z.infer<typeof taskRecordSchema>;

/** @throws NotFound */
export async function loadRun(table: Pick<Table, "get">, id: RunId): Promise<RunRecord> {
  const record = await readRecord(table, tableKey.run(id), runRecordSchema);
  if (record === undefined) throw new NotFound("run", id, "List them with: benchgen runs");
  return record;
}

/** The tasks that have been planned, by index. */
export async function loadTasks(table: Pick<Table, "query">, id: RunId): Promise<TaskRecord[]> {
  return loadAll(table, partition.tasks(id), taskRecordSchema);
}

export async function loadJobs(table: Pick<Table, "query">, id: RunId): Promise<JobRecord[]> {
  return loadAll(table, partition.jobs(id), jobRecordSchema);
}

async function loadAll<T>(
  table: Pick<Table, "query">,
  query: Pick<Query, "pk" | "range">,
  schema: z.ZodType<T>,
): Promise<T[]> {
  const items = everyItem((from) => table.query({ ...query, limit: 1000, ...from }));
  return Array.fromAsync(items, (item) => schema.parse(item));
}

/**
 * What the API shows: tasks not planned yet are queued, and none goes on when the run is over.
 * @param open whether the viewer sees output that the phase keeps from its participants
 */
export function viewRun(record: RunRecord, tasks: readonly TaskRecord[], open: boolean): Run {
  const planned = new Map(tasks.map((task) => [task.index, runTaskSchema.parse(task)]));
  const hide = record.hidden.output && !open;
  const run = runSchema.omit({ tasks: true }).parse(record);
  return {
    ...run,
    ...(record.against === undefined ? {} : viewAgainst(record.against)),
    ...(run.reason === undefined ? {} : { reason: viewReason(run.reason, hide) }),
    tasks: record.taskList.map((task) => {
      const shown = endedWith(record, planned.get(task.index) ?? queuedTask(task));
      return shown.reason === undefined ? shown : { ...shown, reason: viewReason(shown.reason, hide) };
    }),
  };
}

/** A run may end before its tasks are planned, or while they are. */
function endedWith({ status, reason, endedAt }: RunRecord, task: RunTask): RunTask {
  if (!isTerminal(runMoves, status) || isTerminal(taskMoves, task.status)) return task;
  return {
    ...task,
    status: status === "cancelled" ? "cancelled" : "failed",
    ...(reason === undefined ? {} : { reason }),
    ...(endedAt === undefined ? {} : { endedAt }),
  };
}

/** A reason quotes the last lines of stderr, which are output like the rest of it. */
function viewReason({ stderrTail, ...reason }: Reason, hide: boolean): Reason {
  return hide || stderrTail === undefined ? reason : { ...reason, stderrTail };
}

/** A task nothing has happened to yet. */
export function queuedTask(task: { readonly index: number; readonly name: string }): RunTask {
  return { ...task, status: "queued", scores: {}, unscored: {}, notes: [] };
}

/** Submissions, runs, what they print and leave. */
import * as z from "zod";
import { caseCountsSchema } from "../case.ts";
import { idSchema } from "../id.ts";
import { reasonSchema } from "../reason.ts";
import { runStatuses, taskStatuses } from "../status.ts";
import { scores, sha256, slugSchema, time, unscored } from "./common.ts";

/** `model`: there is no submission, the run is made against a model alone. */
export const submissionKinds = ["predictions", "code", "dataset", "model"] as const;
export type SubmissionKind = (typeof submissionKinds)[number];

export const createSubmissionSchema = z.object({ uploadId: idSchema("upload") });

export const submissionSchema = z
  .object({
    id: idSchema("submission"),
    participant: z.string(),
    filename: z.string(),
    size: z.int(),
    sha256,
    createdAt: time,
  })
  .meta({ id: "Submission" });
export type Submission = z.infer<typeof submissionSchema>;

/** How a model is asked; the ingestion program obeys. */
export const modelOptionsSchema = z.object({
  /** Only so many cases. Such a run reaches no leaderboard. */
  limit: z.int().positive().max(10_000_000).optional(),
  /** Repeats of each case. */
  epochs: z.int().positive().max(10_000).optional(),
  /** Calls at one time. */
  concurrency: z.int().positive().max(1000).optional(),
});

export const createRunSchema = z.object({
  /** Id, `name`, or `workspace/name`; `@3` at the end names a version, default the newest published. */
  environment: z.string().max(300),
  /** May be missing when there is a model. */
  submissionId: idSchema("submission").optional(),
  /** Name of a model of your workspace: the ingestion program may call it. */
  model: slugSchema.optional(),
  /** Name of a model of your workspace: a scoring program that asks for a judge may call it. */
  judge: slugSchema.optional(),
  ...modelOptionsSchema.shape,
  /** Budget of all calls together, US dollars. A run that meets it ends with the reason `limit`, and is scored. */
  maxCostUsd: z.number().nonnegative().max(1_000_000).optional(),
  /** The same in tokens, input and output together. */
  maxTokens: z.int().nonnegative().max(1e12).optional(),
  maxCalls: z.int().nonnegative().max(1e9).optional(),
  /** Index or name. Default: the only open phase. */
  phase: z.string().max(300).optional(),
  /** Default: code where any task of the phase has an ingestion program, else predictions. */
  as: z.enum(submissionKinds).optional(),
  /** Shown on the leaderboard. Default: the submission's file name. */
  name: z
    .string()
    .min(1, "must have 1 to 200 characters")
    .max(200, "must have 1 to 200 characters")
    .optional(),
});
export type CreateRun = z.infer<typeof createRunSchema>;

export const runPurposes = ["evaluation", "verification", "trial"] as const;

/** How far programs are: as they say, as of their last word on it; where they say nothing, by their calls to the model. */
export const progressSchema = z.object({
  done: z.int().nonnegative(),
  /** Absent where calls are counted and nobody knows how many there will be. */
  total: z.int().positive().optional(),
  at: time,
  /** What is counted, where no program says so. */
  unit: z.literal("calls").optional(),
  /** What its program printed behind it: `accuracy=0.8`. */
  values: z.record(z.string(), z.number()).optional(),
});
export type Progress = z.infer<typeof progressSchema>;

export const runTaskSchema = z.object({
  index: z.int(),
  name: z.string(),
  status: z.enum(taskStatuses),
  reason: reasonSchema.optional(),
  scores,
  unscored,
  startedAt: time.optional(),
  endedAt: time.optional(),
  /** "ran without its docker_image python:3.12", and the like. */
  notes: z.array(z.string()),
  /** What ran its programs: `docker`, `bubblewrap`, `namespaces`, `fargate`. */
  executor: z.string().optional(),
  /** How many cases it reported one by one, and how they ended; absent when it reported none. */
  cases: caseCountsSchema.optional(),
  /** Of its ingestion, then of its scoring, while it is at work. */
  progress: progressSchema.optional(),
});
export type RunTask = z.infer<typeof runTaskSchema>;

const namedModelSchema = z.object({
  name: z.string(),
  /** As the endpoint calls it. */
  model: z.string(),
});

/** What a run's calls to models came to, as the gateway measured them. */
export const runUsageSchema = z.object({
  calls: z.int(),
  /** Without an answer. */
  failed: z.int(),
  /** Why the last of those had none. */
  lastError: z.object({ code: z.string(), message: z.string() }).optional(),
  /** Whose usage the endpoint did not say: reckoned from lengths. */
  estimated: z.int(),
  inputTokens: z.int(),
  cachedInputTokens: z.int(),
  outputTokens: z.int(),
  reasoningTokens: z.int(),
  /** Null when any price is unknown. */
  costUsd: z.number().nullable(),
  /** The budget that was met first. */
  endedBy: z.enum(["calls", "tokens", "cost"]).optional(),
});
export type RunUsage = z.infer<typeof runUsageSchema>;

export const runSchema = z
  .object({
    id: idSchema("run"),
    name: z.string(),
    participant: z.string(),
    environmentId: idSchema("environment"),
    environment: z.string(),
    version: z.int(),
    phase: z.object({ index: z.int(), name: z.string() }),
    submissionId: idSchema("submission"),
    as: z.enum(submissionKinds),
    /** `verification` of a solution and `trial` of an unpublished bundle never reach a leaderboard. */
    purpose: z.enum(runPurposes),
    status: z.enum(runStatuses),
    reason: reasonSchema.optional(),
    tasks: z.array(runTaskSchema),
    /** Of the tasks at work that say it, together; else by all its calls to the model. */
    progress: progressSchema.optional(),
    /** Column key to the run's value: mean over tasks, computed columns included. Full precision. */
    scores,
    unscored,
    createdAt: time,
    startedAt: time.optional(),
    endedAt: time.optional(),
    model: namedModelSchema.optional(),
    judge: namedModelSchema.optional(),
    modelOptions: modelOptionsSchema.optional(),
    budget: z.object({ calls: z.int(), tokens: z.int(), costUsd: z.number() }).partial().optional(),
    /** Only of a single run that calls models; lists leave it out. */
    usage: runUsageSchema.optional(),
    /** The run this one repeats. */
    retryOf: idSchema("run").optional(),
  })
  .meta({ id: "Run" });
export type Run = z.infer<typeof runSchema>;

export const runFileSchema = z.object({
  task: z.int(),
  job: z.string(),
  name: z.string(),
  size: z.int(),
  /** Signed; expires. */
  url: z.string(),
});
export type RunFile = z.infer<typeof runFileSchema>;

export const logEntrySchema = z.object({
  task: z.int(),
  job: z.enum(["ingestion", "scoring", "concurrent"]),
  stream: z.enum(["stdout", "stderr", "system"]),
  /** Milliseconds since the epoch. */
  at: z.number(),
  /** Untrusted. */
  text: z.string(),
});
export type LogEntry = z.infer<typeof logEntrySchema>;

/** Log entries after a cursor. `done`: the run is over and nothing is left to read. */
export const runLogsSchema = z
  .object({
    entries: z.array(logEntrySchema),
    /** What these entries say last of the progress of each task; absent when they say nothing. */
    progress: z.array(progressSchema.extend({ task: z.int() })).optional(),
    cursor: z.string(),
    done: z.boolean(),
  })
  .meta({ id: "RunLogs" });
export type RunLogs = z.infer<typeof runLogsSchema>;

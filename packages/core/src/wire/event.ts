/** Events other systems may consume. On AWS: EventBridge, source `benchgen`. Delivered at least once: `id` tells repeats. */
import * as z from "zod";
import { progressSchema, runUsageSchema } from "./api/run.ts";
import { findingSchema } from "./finding.ts";
import { idSchema } from "./id.ts";
import { reasonSchema } from "./reason.ts";
import { runStatuses } from "./status.ts";

export const eventSource = "benchgen";

const environmentPublished = z.object({
  version: z.literal(1),
  environment: z.object({
    id: idSchema("environment"),
    workspace: z.string(),
    name: z.string(),
    title: z.string(),
  }),
  environmentVersion: z.int().positive(),
  /** Published although a solution failed, by an explicit choice. */
  forced: z.boolean(),
});

const environmentRejected = z.object({
  version: z.literal(1),
  uploadId: idSchema("upload"),
  workspace: z.string(),
  /** The first hundred errors. */
  findings: z.array(findingSchema),
});

const uploadValidated = z.object({
  version: z.literal(1),
  uploadId: idSchema("upload"),
  workspace: z.string(),
});

const runStarted = z.object({
  version: z.literal(1),
  run: z.object({ id: idSchema("run"), name: z.string(), participant: z.string() }),
  environment: z.object({ id: idSchema("environment"), name: z.string(), version: z.int() }),
  phase: z.object({ index: z.int(), name: z.string() }),
});

const runProgressed = runStarted.extend({
  /** Index of the task that is so far; absent for the calls of a run with several tasks, which are counted together. */
  task: z.int().optional(),
  progress: progressSchema.extend({
    /** Of the total, rounded down: 100 only when all is done. Absent where there is no total. */
    percent: z.int().min(0).max(100).optional(),
  }),
  /** What its calls to models have come to, of a run that has a model: those without an answer are `failed`. */
  usage: runUsageSchema.pick({ calls: true, failed: true, costUsd: true }).optional(),
});

const runFinished = runStarted.extend({
  status: z.enum(runStatuses),
  reason: reasonSchema.optional(),
  /** Column key to value, full precision. */
  scores: z.record(z.string(), z.number()),
  /** Paths relative to the API's URL. */
  links: z.object({ run: z.string(), leaderboard: z.string() }),
});

/** Every event by its detail type. */
export const eventDetails = {
  /** A bundle is good; it is being stored, and its solutions are going to be run. */
  "Upload Validated": uploadValidated,
  "Environment Published": environmentPublished,
  "Environment Rejected": environmentRejected,
  "Run Started": runStarted,
  /** At most one of a run in ten seconds. One may be missing: the next says more. */
  "Run Progressed": runProgressed,
  "Run Finished": runFinished,
} as const;
export type EventType = keyof typeof eventDetails;

export type BenchgenEvent = {
  [T in EventType]: {
    /** The same for every delivery of one event. */
    readonly id: string;
    /** ISO 8601, UTC. */
    readonly time: string;
    readonly type: T;
    readonly detail: z.infer<(typeof eventDetails)[T]>;
  };
}[EventType];

const envelope = z.object({
  id: z.string(),
  time: z.string(),
  type: z.enum(Object.keys(eventDetails) as [EventType]),
});

/** Reads an event on receipt. @throws ZodError when it is not one of ours */
export function parseEvent(value: unknown): BenchgenEvent {
  const head = envelope.loose().parse(value);
  const detail = eventDetails[head.type].parse((head as { detail?: unknown }).detail);
  return { id: head.id, time: head.time, type: head.type, detail } as BenchgenEvent;
}

/** What is told of a run's progress as events, and when. The decisions are pure; `announce.ts` carries them out. */
import * as z from "zod";
import { tableKey } from "../record/key.ts";
import { toItem } from "../record/record.ts";
import type { Progress } from "../wire/api.ts";
import { eventDetails } from "../wire/event.ts";
import { jobKinds } from "../wire/job.ts";
import { type Detail, runEvent } from "./event.ts";
import { expectedCalls } from "./progress.ts";
import type { RunRecord } from "./record.ts";

/**
 * Between two events of one run, milliseconds. A run of an hour then makes 360 of them, which cost a fraction of a cent
 * and are as many as anyone can follow; programs print thousands of lines meanwhile.
 */
export const announceMs = 10_000;
/** Tasks of which is known what was told last. No more are at work at one time: the workflow's `MaxConcurrency`. */
const maxKnownTasks = 40;
/** How long the table keeps it by itself: a run's end deletes it long before. */
const keptSeconds = 30 * 86_400;

/** When nothing of a source is ever due. */
export const never = Number.POSITIVE_INFINITY;

const stages = [...jobKinds, "calls"] as const;

const toldSchema = z.object({
  stage: z.enum(stages),
  /** When that was so, milliseconds since the epoch. */
  at: z.number(),
  done: z.int(),
  total: z.int().optional(),
  /** That all is done was told of this stage. */
  whole: z.boolean(),
});

/** The item that every source of a run's progress reads and writes: it holds all that an event says beside. */
export const announcementSchema = z.object({
  run: eventDetails["Run Started"],
  /** The phase keeps from its participants what programs print. */
  hidesOutput: z.boolean(),
  /** Of a run that has models. */
  calls: z
    .object({
      /** How many are expected, where that can be known. */
      expected: z.int().optional(),
      /** Whose they are: of several tasks nobody knows. */
      task: z.int().optional(),
    })
    .optional(),
  /** Whether a program has printed how far it is: then calls say nothing any more. */
  prints: z.boolean(),
  /** Events so far. Every write has the number it was made for as its condition. */
  count: z.int(),
  /** Milliseconds since the epoch. */
  toldAt: z.number(),
  /** What was told last, by the task's index; under "run" for calls of several tasks. */
  told: z.record(z.string(), toldSchema),
});
export type Announcement = z.infer<typeof announcementSchema>;

/** How far a task is, as one source has it. */
export interface Said {
  /** Absent for the calls of a run with several tasks. */
  readonly task: number | undefined;
  readonly stage: (typeof stages)[number];
  readonly progress: Progress;
  /** Nothing comes after it, although it may be less than the whole. */
  readonly last?: boolean;
}

export interface Decision {
  /** `early`: it is worth an event later. `needless`: it, or what is newer, was told, or nothing of that source is. */
  readonly verdict: "tell" | "early" | "needless";
  /** What changes in the item; absent when nothing does. */
  readonly change?: Partial<Announcement>;
  /** Before that time nothing of that source would be told, but that all is done. Milliseconds; Infinity: never. */
  readonly dueAt: number;
}

/** The item as a run begins: nothing told. */
export function announcementItem(run: RunRecord, now: Date) {
  const { against, taskList } = run;
  const { ingestion, scoring } = against?.grants ?? {};
  const expected = expectedCalls(against?.options, taskList.length, scoring !== undefined);
  const record: Announcement = {
    run: runEvent(run),
    hidesOutput: run.hidden.output,
    ...(against !== undefined && {
      calls: {
        ...(expected !== undefined && ingestion !== undefined && { expected }),
        ...(taskList.length === 1 && { task: taskList[0]!.index }),
      },
    }),
    prints: false,
    count: 0,
    toldAt: 0,
    told: {},
  };
  const expiresAt = Math.floor(now.getTime() / 1000) + keptSeconds;
  return toItem(tableKey.progress(run.id), { ...record, expiresAt });
}

/** Whether all is done by that. */
export function isWhole({ done, total }: Pick<Progress, "done" | "total">): boolean {
  return total !== undefined && done >= total;
}

/**
 * Whether to tell it: when something moved, and so long after the event before. That all is done is told at once, once of
 * each stage of a task. A program that prints wins over its calls, unless what it prints is hidden.
 */
export function decide(known: Announcement, said: Said, now: number): Decision {
  const isCalls = said.stage === "calls";
  if (isCalls ? known.prints : known.hidesOutput) return { verdict: "needless", dueAt: never };
  const place = String(said.task ?? "run");
  const last = known.told[place];
  const marks = !isCalls && !known.prints ? { prints: true } : undefined;
  const unsaid = marks === undefined ? {} : { change: marks };
  if (last !== undefined && !isFurther(said, last)) {
    return { verdict: "needless", dueAt: now + announceMs, ...unsaid };
  }
  // A task's last word; the calls of several tasks have none.
  const whole = isWhole(said.progress) || (said.last === true && said.task !== undefined);
  const wasWhole = last?.stage === said.stage && last.whole;
  const dueAt = known.toldAt + announceMs;
  if (now < dueAt && (!whole || wasWhole)) return { verdict: "early", dueAt, ...unsaid };
  const { done, total, at } = said.progress;
  const told = {
    stage: said.stage,
    at: Date.parse(at),
    done,
    ...(total !== undefined && { total }),
    whole: whole || wasWhole,
  };
  return {
    verdict: "tell",
    dueAt: now + announceMs,
    change: { ...marks, count: known.count + 1, toldAt: now, told: newest({ ...known.told, [place]: told }) },
  };
}

/**
 * Whether it is another word, and a later one: lines may be delivered twice, and late. A program may begin anew, as for
 * each of its epochs, so less than before is no reason against it.
 */
function isFurther({ stage, progress }: Said, last: z.infer<typeof toldSchema>): boolean {
  const at = Date.parse(progress.at);
  if (at < last.at) return false;
  if (stage !== last.stage) return true;
  if (at === last.at) return progress.total === last.total && progress.done > last.done;
  return progress.done !== last.done || progress.total !== last.total;
}

function newest(told: Announcement["told"]): Announcement["told"] {
  const all = Object.entries(told);
  if (all.length <= maxKnownTasks) return told;
  return Object.fromEntries(all.sort(([, a], [, b]) => b.at - a.at).slice(0, maxKnownTasks));
}

/** The event that tells it. */
export function progressedEvent(
  { run }: Pick<Announcement, "run">,
  { task, progress }: Said,
  usage: Detail<"Run Progressed">["usage"],
): Detail<"Run Progressed"> {
  const { done, total } = progress;
  return {
    ...run,
    ...(task !== undefined && { task }),
    progress: {
      ...progress,
      ...(total !== undefined && { percent: Math.floor((100 * done) / total) }),
    },
    ...(usage !== undefined && {
      usage: { calls: usage.calls, failed: usage.failed, costUsd: usage.costUsd },
    }),
  };
}

/**
 * Tells of a run's progress as an event. Wherever it shows, in what programs print or in their calls to a model, it is
 * told through here; one small item of the run, written on condition, keeps all sources together to one event at a time.
 */
import { loadTotals } from "../gateway/call.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { readRecord, toAttributes } from "../record/record.ts";
import { writeIf } from "../record/write.ts";
import type { Progress } from "../wire/api.ts";
import type { RunId } from "../wire/id.ts";
import type { JobKind } from "../wire/job.ts";
import { viewUsage } from "./against.ts";
import {
  type Announcement,
  type Decision,
  type Said,
  announceMs,
  announcementSchema,
  decide,
  isWhole,
  never,
  progressedEvent,
} from "./announcement.ts";
import { callProgress } from "./progress.ts";

export type AnnouncePorts = Pick<Ports, "table" | "bus" | "clock">;

/** Where a run's progress shows. */
export type ProgressSource =
  /** What a job's programs print. */
  | {
      readonly kind: "printed";
      readonly runId: RunId;
      readonly taskIndex: number;
      readonly job: JobKind;
      readonly progress: Progress;
    }
  /** A call to the run's model has ended: the gateway's totals say how many have. */
  | { readonly kind: "calls"; readonly runId: RunId };

/**
 * Tells it, unless it is not worth an event (`decide`), or the run is over or was never planned. An event that the bus
 * does not take is lost: the next says more, and the run's end has an event of its own.
 * @throws PlatformFault when table or bus fail
 */
export async function announceProgress(
  ports: AnnouncePorts,
  source: ProgressSource,
): Promise<Pick<Decision, "verdict" | "dueAt">> {
  const key = tableKey.progress(source.runId);
  for (;;) {
    const known = await readRecord(ports.table, key, announcementSchema);
    if (known === undefined) return { verdict: "needless", dueAt: never };
    const now = ports.clock.now();
    const dueCallsAt = known.toldAt + announceMs;
    // Calls come too often to read their totals each time.
    if (source.kind === "calls" && !known.prints && now.getTime() < dueCallsAt) {
      return { verdict: "early", dueAt: dueCallsAt };
    }
    const said = source.kind === "printed" ? saidBy(source) : await callsSaid(ports, source, known);
    const { verdict, change, dueAt } = decide(known, said, now.getTime());
    if (change !== undefined) {
      const conditions = [{ kind: "equals" as const, attribute: "count", value: known.count }];
      const written = await writeIf(ports.table, [
        { kind: "update", key, set: toAttributes(change), conditions },
      ]);
      // Another source told something meanwhile, or the run ended: seldom, since events are far between.
      if (!written) continue;
    }
    if (verdict === "tell") await publish(ports, known, said);
    return { verdict, dueAt };
  }
}

function saidBy({ taskIndex, job, progress }: Extract<ProgressSource, { kind: "printed" }>): Said {
  return { task: taskIndex, stage: job, progress };
}

async function callsSaid(
  ports: AnnouncePorts,
  { runId }: ProgressSource,
  { calls }: Announcement,
): Promise<Said> {
  const totals = await loadTotals(ports, runId);
  const progress = callProgress(totals.calls, calls?.expected, ports.clock.now().toISOString());
  return { task: calls?.task, stage: "calls", progress };
}

async function publish(ports: AnnouncePorts, known: Announcement, said: Said): Promise<void> {
  const { id } = known.run.run;
  const usage = known.calls === undefined ? undefined : viewUsage(await loadTotals(ports, id));
  await ports.bus.publish([
    {
      // The run's nth: whoever is told it twice can tell.
      id: `progressed-${id}-${known.count + 1}`,
      time: ports.clock.now().toISOString(),
      type: "Run Progressed",
      detail: progressedEvent(known, said, usage),
    },
  ]);
}

/** Sources of which one process remembers when they are due. */
const maxSources = 1000;

interface Pace {
  dueAt: number;
  /** What was said last. */
  done?: number | undefined;
  total?: number | undefined;
  /** That all is done was said. */
  whole: boolean;
}

/**
 * The sources of one process. It remembers when each is due, so that a line or a call that comes too early costs nothing.
 */
export class Announcer {
  readonly #ports: AnnouncePorts;
  readonly #onError: (error: unknown) => void;
  readonly #paces = new Map<string, Pace>();

  /** @param onError told why something could not be announced; nothing else depends on it */
  constructor(ports: AnnouncePorts, onError: (error: unknown) => void) {
    this.#ports = ports;
    this.#onError = onError;
  }

  /**
   * Tells of it when it is due.
   * @returns when to say it again, milliseconds, where it is too early; undefined when it needs no more telling
   */
  async say(source: ProgressSource): Promise<number | undefined> {
    const pace = this.#paceOf(source);
    const progress = source.kind === "printed" ? source.progress : undefined;
    if (progress !== undefined && progress.done === pace.done && progress.total === pace.total) {
      return undefined;
    }
    const isLast = progress !== undefined && isWhole(progress) && !pace.whole;
    const now = this.#ports.clock.now().getTime();
    if (now < pace.dueAt && !isLast) return pace.dueAt === never ? undefined : pace.dueAt;
    // What comes while this is under way is early, too.
    pace.dueAt = now + announceMs;
    pace.whole ||= isLast;
    try {
      const { verdict, dueAt } = await announceProgress(this.#ports, source);
      pace.dueAt = dueAt;
      if (verdict === "early") return dueAt;
      Object.assign(pace, { done: progress?.done, total: progress?.total });
    } catch (error) {
      this.#onError(error);
    }
    return undefined;
  }

  #paceOf(source: ProgressSource): Pace {
    const of = source.kind === "printed" ? `${source.taskIndex} ${source.job}` : "calls";
    const key = `${source.runId} ${of}`;
    const pace = this.#paces.get(key) ?? { dueAt: 0, whole: false };
    // The one that was needed last goes to the end: the first is the one to forget.
    this.#paces.delete(key);
    this.#paces.set(key, pace);
    const [oldest] = this.#paces.keys();
    if (this.#paces.size > maxSources && oldest !== undefined) this.#paces.delete(oldest);
    return pace;
  }
}

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
  /** Calls to the run's model have ended: the gateway's totals say how many. */
  | {
      readonly kind: "calls";
      readonly runId: RunId;
      /** The program that makes them is over. */
      readonly last?: boolean;
    };

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
    const mayWait = source.kind === "calls" && source.last !== true && !known.prints;
    if (mayWait && now.getTime() < dueCallsAt) {
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
  { runId, last = false }: Extract<ProgressSource, { kind: "calls" }>,
  { calls }: Announcement,
): Promise<Said> {
  const totals = await loadTotals(ports, runId);
  const progress = callProgress(totals.calls, calls?.expected, ports.clock.now().toISOString());
  return { task: calls?.task, stage: "calls", progress, last };
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

import type { BenchgenEvent } from "../wire/event.ts";
import type { RunRecord } from "./record.ts";

export type Detail<T extends BenchgenEvent["type"]> = Extract<BenchgenEvent, { type: T }>["detail"];

/** What every event of a run says about it. */
export function runEvent(run: RunRecord): Detail<"Run Started"> {
  return {
    version: 1,
    run: { id: run.id, name: run.name, participant: run.participant },
    environment: { id: run.environmentId, name: run.environment, version: run.version },
    phase: run.phase,
  };
}

/** The event of a run that is over. */
export function finishedEvent(run: RunRecord): Detail<"Run Finished"> {
  return {
    ...runEvent(run),
    status: run.status,
    ...(run.reason === undefined ? {} : { reason: run.reason }),
    scores: run.scores,
    links: {
      run: `/runs/${run.id}`,
      leaderboard: `/environments/${run.environmentId}/leaderboard?phase=${run.phase.index}`,
    },
  };
}

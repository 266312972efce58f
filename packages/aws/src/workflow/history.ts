import type { HistoryEvent } from "@aws-sdk/client-sfn";
import type { ExecutionEvent, Json } from "@benchgen/core/ports.ts";

/** What the details of an event, whatever its type, say that is of interest here. */
interface Details {
  readonly name?: string;
  readonly index?: number;
  readonly error?: string;
  readonly cause?: string;
}

/**
 * A page of history as the port has it. Inputs and outputs are left out: they hold the jobs' tokens.
 * Only events that enter or leave a state name it; others are given the name of the event before them, where that is on
 * the same page.
 */
export function executionEvents(events: readonly HistoryEvent[]): ExecutionEvent[] {
  const states = new Map<number, string>();
  return events.map((event) => {
    const { name, index, error, cause } = detailsOf(event);
    const state = name ?? states.get(event.previousEventId ?? 0);
    if (state !== undefined && event.id !== undefined) states.set(event.id, state);
    const detail: Record<string, Json> = {
      ...(index === undefined ? {} : { index }),
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    };
    return {
      at: (event.timestamp ?? new Date(0)).toISOString(),
      type: event.type ?? "Unknown",
      ...(state === undefined ? {} : { state }),
      ...(Object.keys(detail).length === 0 ? {} : { detail }),
    };
  });
}

/** Each type of event has its details in a member of its own, and at most one of them is there. */
function detailsOf(event: HistoryEvent): Details {
  const found = Object.entries(event).find(([member]) => member.endsWith("EventDetails"));
  return (found?.[1] ?? {}) as Details;
}

import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { eventSource, parseEvent } from "@benchgen/core/wire/event.ts";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";

/**
 * An event as EventBridge takes it. Its detail is our event's, with our `id` and `time` in front: EventBridge gives each
 * delivery an id of its own, and keeps times to the second.
 */
export function entryOf(busName: string, { id, time, type, detail }: BenchgenEvent): PutEventsRequestEntry {
  return {
    EventBusName: busName,
    Source: eventSource,
    DetailType: type,
    Time: new Date(time),
    Detail: JSON.stringify({ id, time, ...detail }),
  };
}

/** The event in what a rule's target receives. @throws ZodError when it is not one of ours */
export function eventOf(delivery: {
  readonly "detail-type": string;
  readonly detail: unknown;
}): BenchgenEvent {
  const { detail } = delivery;
  return parseEvent({ ...(detail as { id: string; time: string }), type: delivery["detail-type"], detail });
}

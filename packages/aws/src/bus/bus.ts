import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { EventBridgeClient, PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import { PlatformFault } from "@benchgen/core/error.ts";
import type { Bus } from "@benchgen/core/ports.ts";
import { calling } from "../fault.ts";
import { entryOf } from "./entry.ts";

/** Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const maxEntries = 10;
/** Of all entries of one request together; EventBridge takes 256 KiB, counting a little besides the text. */
const maxBytes = 250 * 1024;

export interface BusOptions {
  readonly client: EventBridgeClient;
  readonly busName: string;
}

/** Events on EventBridge. */
export function createBus({ client, busName }: BusOptions): Bus {
  return {
    async publish(events) {
      for (const Entries of batches(events.map((event) => entryOf(busName, event)))) {
        const request = new PutEventsCommand({ Entries });
        const { FailedEntryCount = 0, Entries: results = [] } = await calling("EventBridge", () =>
          client.send(request),
        );
        // EventBridge answers 200 to a request of which it took nothing.
        if (FailedEntryCount === 0) continue;
        const failed = results.find(({ ErrorCode }) => ErrorCode !== undefined);
        throw new PlatformFault(
          "events_refused",
          `EventBridge did not take ${FailedEntryCount} of ${Entries.length} events: ${failed?.ErrorCode}: ${failed?.ErrorMessage}`,
        );
      }
    },
  };
}

/** In order, each as full as EventBridge allows. */
export function batches(entries: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  const all: PutEventsRequestEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const bytes = Buffer.byteLength(`${entry.Source}${entry.DetailType}${entry.Detail}`);
    const last = all.at(-1);
    if (last === undefined || last.length === maxEntries || bytes > room) {
      all.push([entry]);
      room = maxBytes - bytes;
    } else {
      last.push(entry);
      room -= bytes;
    }
  }
  return all;
}

import { randomUUID } from "node:crypto";
import type { AnnouncePorts } from "@benchgen/core/run/announce.ts";
import { Announcer } from "@benchgen/core/run/announcer.ts";
import type { EventType } from "@benchgen/core/wire/event.ts";
import type { ApiOptions } from "./app.ts";

/** Stands where an error of a request has its path. */
const path: EventType = "Run Progressed";

/** Tells how far runs are, as far as calls show it. No request fails for it: what goes wrong is told like their errors. */
export function createAnnouncer(ports: AnnouncePorts, { onError }: Pick<ApiOptions, "onError">): Announcer {
  return new Announcer(ports, (error) => onError?.(error, { id: randomUUID(), method: "publish", path }));
}

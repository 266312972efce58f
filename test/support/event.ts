import { createIds } from "@benchgen/core/port/id.ts";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";

const ids = createIds();

/** An event that no other test has published. */
export function newEvent(): BenchgenEvent {
  return {
    id: ids.token(),
    time: "2026-01-01T00:00:00.000Z",
    type: "Environment Published",
    detail: {
      version: 1,
      environment: { id: ids.next("env"), workspace: "main", name: "penguins", title: "Pingüinos" },
      environmentVersion: 1,
      forced: false,
    },
  };
}

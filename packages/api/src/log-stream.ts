/** A run's log as server-sent events, for one client. */
import { setTimeout as pause } from "node:timers/promises";
import type { RunLogs } from "@benchgen/core/wire/api.ts";
import { keepAlive, keepAliveMs, serverSentEvent } from "./stream.ts";

/**
 * Events named `log`, each with a page of entries as data and that page's cursor as id, until the run is over (the
 * last one has `done`) or `signal` is aborted.
 * @param log.first the page to begin with
 * @param log.pollMs how long to wait when there was nothing new, milliseconds
 * @param log.endAfterMs where given, it ends without `done` as soon as it has said something, or has had nothing to say
 *   for so long: the client asks again with the cursor
 */
export async function* followLogs(log: {
  first: RunLogs;
  readAfter: (cursor: string) => Promise<RunLogs>;
  pollMs: number;
  endAfterMs?: number | undefined;
  signal: AbortSignal;
}): AsyncGenerator<string> {
  const { endAfterMs = Number.POSITIVE_INFINITY } = log;
  let page = log.first;
  let quietMs = 0;
  let waitedMs = 0;
  yield keepAlive;
  for (;;) {
    if (page.entries.length > 0 || page.done) {
      yield serverSentEvent({ event: "log", id: page.cursor, data: page });
      quietMs = 0;
      if (Number.isFinite(endAfterMs)) return;
    } else {
      await pause(log.pollMs, undefined, { signal: log.signal });
      quietMs += log.pollMs;
      waitedMs += log.pollMs;
    }
    if (page.done || waitedMs >= endAfterMs) return;
    if (quietMs >= keepAliveMs) {
      yield keepAlive;
      quietMs = 0;
    }
    page = await log.readAfter(page.cursor);
  }
}

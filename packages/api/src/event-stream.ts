/** The feed of events as server-sent events, for one client. */
import type { EventFeed } from "@benchgen/core/ports.ts";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { keepAlive, keepAliveMs, serverSentEvent } from "./stream.ts";

/** Events kept for a client that reads too slowly. Past it the stream ends, and the client resumes by Last-Event-ID. */
const maxPending = 1000;
const replayPage = 200;

interface Subscription {
  readonly pending: BenchgenEvent[];
  /** Resolves at the next event, at the next beat, or when the client is gone. */
  wait(): Promise<void>;
}

/**
 * Subscribes before it returns, so that whoever has the answer misses nothing that comes after it, and until `signal`
 * is aborted.
 * @param options.after replay what came after the event with that id first
 * @param options.isVisible whether the client may know of an event
 */
export function followEvents(options: {
  feed: EventFeed;
  after: string | undefined;
  isVisible: (event: BenchgenEvent) => Promise<boolean>;
  signal: AbortSignal;
}): AsyncGenerator<string> {
  return writeEvents({ ...options, subscription: subscribe(options.feed, options.signal) });
}

function subscribe(feed: EventFeed, signal: AbortSignal): Subscription {
  const pending: BenchgenEvent[] = [];
  let woken = Promise.withResolvers<void>();
  const wake = (): void => woken.resolve();
  const unsubscribe = feed.subscribe((event) => {
    // One more than allowed says that it was too many.
    if (pending.length <= maxPending) pending.push(event);
    wake();
  });
  const heartbeat = setInterval(wake, keepAliveMs);
  signal.addEventListener("abort", () => {
    unsubscribe();
    clearInterval(heartbeat);
    wake();
  });
  return {
    pending,
    wait: async () => {
      await woken.promise;
      woken = Promise.withResolvers<void>();
    },
  };
}

async function* writeEvents(options: {
  feed: EventFeed;
  after: string | undefined;
  isVisible: (event: BenchgenEvent) => Promise<boolean>;
  signal: AbortSignal;
  subscription: Subscription;
}): AsyncGenerator<string> {
  const { feed, after, isVisible, signal, subscription } = options;
  const { pending } = subscription;
  yield keepAlive;
  /** What is in the replay and, because the subscription came first, among the pending as well. */
  const sent = new Set<string>();
  if (after !== undefined) {
    for await (const event of replay(feed, after)) {
      sent.add(event.id);
      if (await isVisible(event)) yield format(event);
    }
  }
  while (!signal.aborted && pending.length <= maxPending) {
    const event = pending.shift();
    if (event !== undefined) {
      if (!sent.delete(event.id) && (await isVisible(event))) yield format(event);
      continue;
    }
    sent.clear();
    await subscription.wait();
    if (pending.length === 0) yield keepAlive;
  }
}

async function* replay(feed: EventFeed, after: string): AsyncGenerator<BenchgenEvent> {
  for (let last = after; ;) {
    const events = await feed.read({ after: last, limit: replayPage });
    yield* events;
    const newest = events.at(-1);
    if (newest === undefined) return;
    last = newest.id;
  }
}

function format(event: BenchgenEvent): string {
  return serverSentEvent({ event: event.type, id: event.id, data: event });
}

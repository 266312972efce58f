import type { Principal } from "@benchgen/core/access/principal.ts";
import { getEnvironment } from "@benchgen/core/environment/catalogue.ts";
import { Forbidden, NotFound } from "@benchgen/core/error.ts";
import type { EventFeed, Ports } from "@benchgen/core/ports.ts";
import { getRun } from "@benchgen/core/run/read.ts";
import { getUpload } from "@benchgen/core/upload/read.ts";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { newRoutes, reporter } from "../context.ts";
import { asUser, tokenProblems, unavailable } from "../operation.ts";
import { HttpError } from "../problem.ts";
import { eventStreamHeaders, keepAlive, keepAliveMs, serverSentEvent, streamOf } from "../stream.ts";

/** Events kept for a client that reads too slowly. Past it the stream ends, and the client resumes by Last-Event-ID. */
const maxPending = 1000;
const replayPage = 200;

const follow = createRoute({
  method: "get",
  path: "/events",
  operationId: "followEvents",
  tags: ["Events"],
  summary: "Follow what happens, as server-sent events",
  description:
    "Each event's name is its type (`Run Finished`), its id the event's, its data the event. Only events about what the token may read. Begins now, or after `Last-Event-ID`. A server without a feed of its own answers 501; on AWS use EventBridge rules.",
  ...asUser("read"),
  request: { headers: z.object({ "last-event-id": z.string().max(200).optional() }) },
  responses: {
    200: { description: "Events", content: { "text/event-stream": { schema: z.string() } } },
    ...tokenProblems,
    ...unavailable,
  },
});

export const eventRoutes = newRoutes().openapi(follow, (c) => {
  const { events: feed, ports } = c.var.api;
  const { principal } = c.var;
  if (feed === undefined) {
    throw new HttpError(
      501,
      "events_unavailable",
      "This server keeps no feed of events.",
      "On AWS, make an EventBridge rule.",
    );
  }
  const after = c.req.valid("header")["last-event-id"];
  const visible = (event: BenchgenEvent): Promise<boolean> => maySee(ports, principal, event);
  return c.body(
    streamOf((signal) => followEvents({ feed, after, visible, signal }), reporter(c)),
    200,
    eventStreamHeaders,
  );
});

/** Server-sent events, until the client is gone or has fallen too far behind. */
async function* followEvents(options: {
  feed: EventFeed;
  after: string | undefined;
  visible: (event: BenchgenEvent) => Promise<boolean>;
  signal: AbortSignal;
}): AsyncGenerator<string> {
  const { feed, after, visible, signal } = options;
  const pending: BenchgenEvent[] = [];
  let woken = Promise.withResolvers<void>();
  const wake = (): void => woken.resolve();
  // Subscribed before the replay, so that nothing falls in between; `sent` keeps what is in both from being sent twice.
  const unsubscribe = feed.subscribe((event) => {
    pending.push(event);
    wake();
  });
  const heartbeat = setInterval(wake, keepAliveMs);
  signal.addEventListener("abort", wake);
  try {
    yield keepAlive;
    const sent = new Set<string>();
    if (after !== undefined) {
      for await (const event of replay(feed, after)) {
        sent.add(event.id);
        if (await visible(event)) yield format(event);
      }
    }
    while (!signal.aborted && pending.length <= maxPending) {
      const event = pending.shift();
      if (event !== undefined) {
        if (!sent.delete(event.id) && (await visible(event))) yield format(event);
        continue;
      }
      sent.clear();
      await woken.promise;
      woken = Promise.withResolvers<void>();
      if (pending.length === 0) yield keepAlive;
    }
  } finally {
    unsubscribe();
    clearInterval(heartbeat);
  }
}

function format(event: BenchgenEvent): string {
  return serverSentEvent({ event: event.type, id: event.id, data: event });
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

/** An event may be seen by whoever may read the thing it is about. */
async function maySee(ports: Ports, principal: Principal, event: BenchgenEvent): Promise<boolean> {
  try {
    await readSubject(ports, principal, event);
    return true;
  } catch (error) {
    if (error instanceof NotFound || error instanceof Forbidden) return false;
    throw error;
  }
}

function readSubject(ports: Ports, principal: Principal, event: BenchgenEvent): Promise<unknown> {
  if (event.type === "Environment Published") {
    return getEnvironment(ports, principal, event.detail.environment.id);
  }
  if (event.type === "Environment Rejected") return getUpload(ports, principal, event.detail.uploadId);
  return getRun(ports, principal, event.detail.run.id);
}

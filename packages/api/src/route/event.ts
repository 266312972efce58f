import type { Principal } from "@benchgen/core/access/principal.ts";
import { getEnvironment } from "@benchgen/core/environment/catalogue.ts";
import { Forbidden, NotFound } from "@benchgen/core/error.ts";
import type { Ports } from "@benchgen/core/ports.ts";
import { loadOwnRun } from "@benchgen/core/run/read.ts";
import { getUpload } from "@benchgen/core/upload/read.ts";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { newRoutes, reporter } from "../context.ts";
import { asUser, tokenProblems, unavailable } from "../operation.ts";
import { followEvents } from "../event-stream.ts";
import { HttpError } from "../problem.ts";
import { eventStreamHeaders, streamOf } from "../stream.ts";

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
  // Its body would never be read, and the subscription never end.
  if (c.req.method === "HEAD") return c.body(null, 200, eventStreamHeaders);
  const isVisible = (event: BenchgenEvent): Promise<boolean> => maySee(ports, principal, event);
  return c.body(
    streamOf((signal) => followEvents({ feed, after, isVisible, signal }), reporter(c)),
    200,
    eventStreamHeaders,
  );
});

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
  if (event.type === "Upload Validated" || event.type === "Environment Rejected")
    return getUpload(ports, principal, event.detail.uploadId);
  return loadOwnRun(ports, principal, event.detail.run.id);
}

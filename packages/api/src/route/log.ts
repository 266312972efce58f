import { readRunLogs } from "@benchgen/core/run/log.ts";
import { type RunLogs, runLogsSchema } from "@benchgen/core/wire/api.ts";
import { createRoute } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import * as z from "zod";
import { newRoutes, reporter } from "../context.ts";
import { followLogs } from "../log-stream.ts";
import { asUser, idParam, notFound, tokenProblems } from "../operation.ts";
import { eventStreamHeaders, streamOf } from "../stream.ts";

/** A cursor says where each job of the run is. Node takes no request whose headers have more than 16 KiB. */
const maxCursorChars = 12_000;

/** Entries in one event. Small enough for a client to show at once. */
const entriesPerEvent = 200;

const read = createRoute({
  method: "get",
  path: "/runs/{id}/logs",
  operationId: "readRunLogs",
  tags: ["Runs"],
  summary: "Read what the programs of a run wrote, or follow it live",
  description:
    "JSON by default: entries after `cursor`, what they say last of each task's progress, and the cursor to ask with next. With `Accept: text/event-stream`, events named `log` until the run is over: the data of each is such a page, its id that page's cursor, and the last has `done: true`. A server may end the stream before that: then, and after a broken connection, send the last id as `Last-Event-ID`.",
  ...asUser("read"),
  request: {
    params: idParam("run"),
    query: z.object({
      cursor: z.string().max(maxCursorChars).optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
    headers: z.object({ "last-event-id": z.string().max(maxCursorChars).optional() }),
  },
  responses: {
    200: {
      description: "Log entries",
      content: {
        "application/json": { schema: runLogsSchema },
        "text/event-stream": { schema: z.string() },
      },
    },
    ...tokenProblems,
    ...notFound,
  },
});

export const logRoutes = newRoutes().openapi(read, async (c) => {
  const { api, principal } = c.var;
  const { id } = c.req.valid("param");
  const query = c.req.valid("query");
  const readAfter = (cursor: string | undefined, limit: number): Promise<RunLogs> =>
    readRunLogs(api.ports, principal, id, { ...(cursor === undefined ? {} : { cursor }), limit });
  const supports = ["application/json", "text/event-stream"];
  if (accepts(c, { header: "Accept", supports, default: "application/json" }) === "application/json") {
    return c.json(await readAfter(query.cursor, query.limit), 200);
  }
  const start = c.req.valid("header")["last-event-id"] ?? query.cursor;
  // Read once before answering: a run that is not there is a 404, not a broken stream.
  const first = await readAfter(start, entriesPerEvent);
  const pages = (signal: AbortSignal): AsyncIterable<string> =>
    followLogs({
      first,
      readAfter: (cursor) => readAfter(cursor, entriesPerEvent),
      pollMs: api.logPollMs,
      endAfterMs: api.logFollowMs,
      signal,
    });
  return c.body(streamOf(pages, reporter(c)), 200, eventStreamHeaders);
});

import { exportLeaderboard, readLeaderboard } from "@benchgen/core/run/board.ts";
import { leaderboardQuerySchema, leaderboardSchema } from "@benchgen/core/wire/api.ts";
import { contentDisposition } from "@benchgen/core/port/download.ts";
import { createRoute } from "@hono/zod-openapi";
import { accepts } from "hono/accepts";
import * as z from "zod";
import { newRoutes, reporter } from "../context.ts";
import { asUser, notFound, referenceParam, tokenProblems } from "../operation.ts";
import { streamOf } from "../stream.ts";

const read = createRoute({
  method: "get",
  path: "/environments/{ref}/leaderboard",
  operationId: "readLeaderboard",
  tags: ["Leaderboards"],
  summary: "Read a leaderboard by page, or export all of it",
  description:
    "A page of rows as JSON by default. `format=csv` or `format=json`, or `Accept: text/csv`, downloads the whole board as a file instead; paging and sorting do not apply to it.",
  ...asUser("read"),
  request: { params: referenceParam, query: leaderboardQuerySchema },
  responses: {
    200: {
      description: "The board",
      content: { "application/json": { schema: leaderboardSchema }, "text/csv": { schema: z.string() } },
    },
    ...tokenProblems,
    ...notFound,
  },
});

export const leaderboardRoutes = newRoutes().openapi(read, async (c) => {
  const { ports } = c.var.api;
  const environment = c.req.valid("param").ref;
  const { format, phase, board, ...page } = c.req.valid("query");
  const which = {
    environment,
    ...(phase === undefined ? {} : { phase }),
    ...(board === undefined ? {} : { board }),
  };
  const supports = ["application/json", "text/csv"];
  const wanted = accepts(c, { header: "Accept", supports, default: "application/json" });
  const exported = format ?? (wanted === "text/csv" ? "csv" : undefined);
  if (exported === undefined) {
    return c.json(await readLeaderboard(ports, c.var.principal, { ...which, ...page }), 200);
  }
  const file = await exportLeaderboard(ports, c.var.principal, { ...which, format: exported });
  return c.body(
    streamOf(() => file.content, reporter(c)),
    200,
    { "content-type": file.contentType, "content-disposition": contentDisposition(file.filename) },
  );
});

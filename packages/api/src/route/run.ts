import { hideRun, showRun } from "@benchgen/core/run/board.ts";
import { cancelRun } from "@benchgen/core/run/cancel.ts";
import { listRunFiles } from "@benchgen/core/run/file.ts";
import { watchRun } from "@benchgen/core/run/progress.ts";
import { getRun, listRuns } from "@benchgen/core/run/read.ts";
import { retryRun, startRun } from "@benchgen/core/run/start.ts";
import { createRunSchema, pageQuerySchema, runFileSchema, runSchema } from "@benchgen/core/wire/api.ts";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { newRoutes } from "../context.ts";
import {
  asUser,
  bodyProblems,
  conflict,
  idParam,
  json,
  jsonBody,
  jsonPage,
  limitReached,
  notFound,
  tokenProblems,
} from "../operation.ts";

const tags = ["Runs"];

const start = createRoute({
  method: "post",
  path: "/runs",
  operationId: "startRun",
  tags,
  summary: "Run a submission against an environment",
  ...asUser("submit"),
  request: { body: jsonBody(createRunSchema) },
  responses: {
    201: json(runSchema, "The run, queued"),
    ...tokenProblems,
    ...bodyProblems,
    ...notFound,
    ...conflict,
    ...limitReached,
  },
});

const list = createRoute({
  method: "get",
  path: "/runs",
  operationId: "listRuns",
  tags,
  summary: "List runs, newest first",
  ...asUser("read"),
  request: {
    query: pageQuerySchema.extend({
      environment: z.string().min(1).max(300).optional().meta({
        description: "Only runs of this environment: an id, `name` or `workspace/name`.",
      }),
    }),
  },
  responses: { 200: jsonPage(runSchema, "Runs"), ...tokenProblems, ...notFound },
});

const read = createRoute({
  method: "get",
  path: "/runs/{id}",
  operationId: "getRun",
  tags,
  summary: "Read a run: its status, its tasks, its scores, and the reason when it failed",
  ...asUser("read"),
  request: {
    params: idParam("run"),
    query: z.object({
      progress: z.enum(["true", "false"]).optional().meta({
        description:
          "`true`: with `progress`, read from what its programs print last, while they run, or else by their calls to the model. It costs the server some requests.",
      }),
    }),
  },
  responses: { 200: json(runSchema, "The run"), ...tokenProblems, ...notFound },
});

const files = createRoute({
  method: "get",
  path: "/runs/{id}/files",
  operationId: "listRunFiles",
  tags,
  summary: "List what a run left behind, with URLs to download it",
  ...asUser("read"),
  request: { params: idParam("run") },
  responses: {
    200: json(z.object({ items: z.array(runFileSchema) }), "Outputs, logs and detailed results"),
    ...tokenProblems,
    ...notFound,
  },
});

const cancel = createRoute({
  method: "post",
  path: "/runs/{id}/cancel",
  operationId: "cancelRun",
  tags,
  summary: "Stop a run",
  ...asUser("submit"),
  request: { params: idParam("run") },
  responses: { 200: json(runSchema, "The run as it is now"), ...tokenProblems, ...notFound, ...conflict },
});

const retry = createRoute({
  method: "post",
  path: "/runs/{id}/retry",
  operationId: "retryRun",
  tags,
  summary: "Run the same submission against the same version and phase again",
  ...asUser("submit"),
  request: { params: idParam("run") },
  responses: {
    201: json(runSchema, "The new run, queued"),
    ...tokenProblems,
    ...notFound,
    ...conflict,
    ...limitReached,
  },
});

const show = createRoute({
  method: "put",
  path: "/runs/{id}/leaderboard",
  operationId: "showRun",
  tags,
  summary: "Put a run on the leaderboard, where its rule leaves that to the participant",
  ...asUser("submit"),
  request: { params: idParam("run") },
  responses: { 204: { description: "It is there" }, ...tokenProblems, ...notFound, ...conflict },
});

const hide = createRoute({
  method: "delete",
  path: "/runs/{id}/leaderboard",
  operationId: "hideRun",
  tags,
  summary: "Take a run off the leaderboard, where its rule leaves that to the participant",
  ...asUser("submit"),
  request: { params: idParam("run") },
  responses: { 204: { description: "It is not there" }, ...tokenProblems, ...notFound, ...conflict },
});

export const runRoutes = newRoutes()
  .openapi(start, async (c) => {
    const run = await startRun(c.var.api.ports, c.var.principal, c.req.valid("json"));
    return c.json(run, 201, { location: `/runs/${run.id}` });
  })
  .openapi(list, async (c) =>
    c.json(await listRuns(c.var.api.ports, c.var.principal, c.req.valid("query")), 200),
  )
  .openapi(read, async (c) => {
    const { api, principal } = c.var;
    const see = c.req.valid("query").progress === "true" ? watchRun : getRun;
    return c.json(await see(api.ports, principal, c.req.valid("param").id), 200);
  })
  .openapi(files, async (c) => {
    const items = await listRunFiles(c.var.api.ports, c.var.principal, c.req.valid("param").id);
    return c.json({ items }, 200);
  })
  .openapi(cancel, async (c) =>
    c.json(await cancelRun(c.var.api.ports, c.var.principal, c.req.valid("param").id), 200),
  )
  .openapi(retry, async (c) => {
    const run = await retryRun(c.var.api.ports, c.var.principal, c.req.valid("param").id);
    return c.json(run, 201, { location: `/runs/${run.id}` });
  })
  .openapi(show, async (c) => {
    await showRun(c.var.api.ports, c.var.principal, c.req.valid("param").id);
    return c.body(null, 204);
  })
  .openapi(hide, async (c) => {
    await hideRun(c.var.api.ports, c.var.principal, c.req.valid("param").id);
    return c.body(null, 204);
  });

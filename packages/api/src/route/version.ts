import { forcePublish, getVersion, listVersions } from "@benchgen/core/environment/version.ts";
import { forcePublishSchema, pageQuerySchema, versionSchema } from "@benchgen/core/wire/api.ts";
import { createRoute } from "@hono/zod-openapi";
import { newRoutes } from "../context.ts";
import {
  asUser,
  bodyProblems,
  conflict,
  json,
  jsonBody,
  jsonPage,
  notFound,
  referenceParam,
  tokenProblems,
  versionParam,
} from "../operation.ts";

const list = createRoute({
  method: "get",
  path: "/environments/{ref}/versions",
  operationId: "listVersions",
  tags: ["Environments"],
  summary: "List the versions of an environment, newest first",
  ...asUser("read"),
  request: { params: referenceParam, query: pageQuerySchema },
  responses: { 200: jsonPage(versionSchema, "Versions"), ...tokenProblems, ...notFound },
});

const read = createRoute({
  method: "get",
  path: "/environments/{ref}/versions/{number}",
  operationId: "getVersion",
  tags: ["Environments"],
  summary: "Read a version: its phases, tasks, leaderboards, findings, and how its solutions did",
  ...asUser("read"),
  request: { params: versionParam },
  responses: { 200: json(versionSchema, "The version"), ...tokenProblems, ...notFound },
});

const publish = createRoute({
  method: "post",
  path: "/environments/{ref}/versions/{number}/publish",
  operationId: "forcePublishVersion",
  tags: ["Environments"],
  summary: "Publish a version that is held back, although a solution of it failed; recorded and shown",
  ...asUser("author"),
  request: { params: versionParam, body: jsonBody(forcePublishSchema) },
  responses: {
    200: json(versionSchema, "The version, published"),
    ...tokenProblems,
    ...bodyProblems,
    ...notFound,
    ...conflict,
  },
});

export const versionRoutes = newRoutes()
  .openapi(list, async (c) => {
    const { ref } = c.req.valid("param");
    return c.json(await listVersions(c.var.api.ports, c.var.principal, ref, c.req.valid("query")), 200);
  })
  .openapi(read, async (c) => {
    const { ref, number } = c.req.valid("param");
    return c.json(await getVersion(c.var.api.ports, c.var.principal, ref, number), 200);
  })
  .openapi(publish, async (c) => {
    const { ref, number } = c.req.valid("param");
    return c.json(await forcePublish(c.var.api.ports, c.var.principal, ref, number), 200);
  });

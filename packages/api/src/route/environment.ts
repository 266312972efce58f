import { getEnvironment, listEnvironments, setVisibility } from "@benchgen/core/environment/catalogue.ts";
import {
  environmentQuerySchema,
  environmentSchema,
  patchEnvironmentSchema,
} from "@benchgen/core/wire/api.ts";
import { createRoute } from "@hono/zod-openapi";
import { newRoutes } from "../context.ts";
import {
  asUser,
  bodyProblems,
  json,
  jsonBody,
  jsonPage,
  notFound,
  referenceParam,
  tokenProblems,
} from "../operation.ts";

const list = createRoute({
  method: "get",
  path: "/environments",
  operationId: "listEnvironments",
  tags: ["Environments"],
  summary: "List the environments of your workspace, or the public ones of all",
  ...asUser("read"),
  request: { query: environmentQuerySchema },
  responses: { 200: jsonPage(environmentSchema, "Environments"), ...tokenProblems },
});

const read = createRoute({
  method: "get",
  path: "/environments/{ref}",
  operationId: "getEnvironment",
  tags: ["Environments"],
  summary: "Read an environment",
  ...asUser("read"),
  request: { params: referenceParam },
  responses: { 200: json(environmentSchema, "The environment"), ...tokenProblems, ...notFound },
});

const change = createRoute({
  method: "patch",
  path: "/environments/{ref}",
  operationId: "setEnvironmentVisibility",
  tags: ["Environments"],
  summary: "Make an environment public or private",
  ...asUser("author"),
  request: { params: referenceParam, body: jsonBody(patchEnvironmentSchema) },
  responses: {
    200: json(environmentSchema, "The environment as it is now"),
    ...tokenProblems,
    ...bodyProblems,
    ...notFound,
  },
});

export const environmentRoutes = newRoutes()
  .openapi(list, async (c) => {
    const { public: everyones, ...page } = c.req.valid("query");
    const query = { ...page, public: everyones === "true" };
    return c.json(await listEnvironments(c.var.api.ports, c.var.principal, query), 200);
  })
  .openapi(read, async (c) =>
    c.json(await getEnvironment(c.var.api.ports, c.var.principal, c.req.valid("param").ref), 200),
  )
  .openapi(change, async (c) => {
    const { visibility } = c.req.valid("json");
    const { ref } = c.req.valid("param");
    return c.json(await setVisibility(c.var.api.ports, c.var.principal, ref, visibility), 200);
  });

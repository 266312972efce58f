import { healthSchema, identitySchema } from "@benchgen/core/wire/api.ts";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { newRoutes } from "../context.ts";
import { anyProblems, asAnyone, asUser, json, tokenProblems } from "../operation.ts";

const health = createRoute({
  method: "get",
  path: "/health",
  operationId: "getHealth",
  tags: ["Server"],
  summary: "Whether the server answers, and its version",
  ...asAnyone,
  responses: { 200: json(healthSchema, "It answers"), ...anyProblems },
});

const openapi = createRoute({
  method: "get",
  path: "/openapi.json",
  operationId: "getOpenApi",
  tags: ["Server"],
  summary: "This description of the API",
  ...asAnyone,
  responses: { 200: json(z.record(z.string(), z.unknown()), "An OpenAPI 3.1 document"), ...anyProblems },
});

const whoami = createRoute({
  method: "get",
  path: "/whoami",
  operationId: "getIdentity",
  tags: ["Tokens"],
  summary: "Who the token speaks for",
  ...asUser("read"),
  responses: { 200: json(identitySchema, "You"), ...tokenProblems },
});

export const serverRoutes = newRoutes()
  .openapi(health, (c) => c.json({ status: "ok" as const, version: c.var.api.version }, 200))
  .openapi(whoami, (c) => c.json(identitySchema.parse(c.var.principal), 200))
  .openapi(openapi, (c) => c.json({ ...c.var.api.describe() }, 200));

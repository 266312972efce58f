import { createToken, listTokens, revokeToken } from "@benchgen/core/access/token.ts";
import {
  createTokenSchema,
  createdTokenSchema,
  pageQuerySchema,
  tokenSchema,
} from "@benchgen/core/wire/api.ts";
import { createRoute } from "@hono/zod-openapi";
import { newRoutes } from "../context.ts";
import {
  asUser,
  bodyProblems,
  idParam,
  json,
  jsonBody,
  jsonPage,
  notFound,
  tokenProblems,
} from "../operation.ts";

const create = createRoute({
  method: "post",
  path: "/tokens",
  operationId: "createToken",
  tags: ["Tokens"],
  summary: "Make a token; its secret is shown only in this answer",
  ...asUser("admin"),
  request: { body: jsonBody(createTokenSchema) },
  responses: {
    201: json(createdTokenSchema, "The token and its secret"),
    ...tokenProblems,
    ...bodyProblems,
  },
});

const list = createRoute({
  method: "get",
  path: "/tokens",
  operationId: "listTokens",
  tags: ["Tokens"],
  summary: "List the tokens of your workspace, without their secrets",
  ...asUser("admin"),
  request: { query: pageQuerySchema },
  responses: { 200: jsonPage(tokenSchema, "Tokens"), ...tokenProblems },
});

const revoke = createRoute({
  method: "delete",
  path: "/tokens/{id}",
  operationId: "revokeToken",
  tags: ["Tokens"],
  summary: "Revoke a token",
  ...asUser("admin"),
  request: { params: idParam("token") },
  responses: { 204: { description: "It works no longer" }, ...tokenProblems, ...notFound },
});

export const tokenRoutes = newRoutes()
  .openapi(create, async (c) =>
    c.json(await createToken(c.var.api.ports, c.var.principal, c.req.valid("json")), 201),
  )
  .openapi(list, async (c) =>
    c.json(await listTokens(c.var.api.ports, c.var.principal, c.req.valid("query")), 200),
  )
  .openapi(revoke, async (c) => {
    await revokeToken(c.var.api.ports, c.var.principal, c.req.valid("param").id);
    return c.body(null, 204);
  });

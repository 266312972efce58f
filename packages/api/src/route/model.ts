import { addModel, getModel, listModels, removeModel } from "@benchgen/core/model/manage.ts";
import { testModel } from "@benchgen/core/model/test.ts";
import {
  createModelSchema,
  modelSchema,
  modelTestSchema,
  pageQuerySchema,
  slugSchema,
} from "@benchgen/core/wire/api.ts";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { newRoutes } from "../context.ts";
import {
  asUser,
  bodyProblems,
  conflict,
  json,
  jsonBody,
  jsonPage,
  notFound,
  tokenProblems,
} from "../operation.ts";

const tags = ["Models"];
const params = z.object({ name: slugSchema });

const create = createRoute({
  method: "post",
  path: "/models",
  operationId: "addModel",
  tags,
  summary: "Add a model: an OpenAI-compatible endpoint. Its key is kept as a secret and never shown",
  ...asUser("author"),
  request: { body: jsonBody(createModelSchema) },
  responses: { 201: json(modelSchema, "The model"), ...tokenProblems, ...bodyProblems, ...conflict },
});

const list = createRoute({
  method: "get",
  path: "/models",
  operationId: "listModels",
  tags,
  summary: "List the models of your workspace, by name",
  ...asUser("read"),
  request: { query: pageQuerySchema },
  responses: { 200: jsonPage(modelSchema, "Models"), ...tokenProblems },
});

const read = createRoute({
  method: "get",
  path: "/models/{name}",
  operationId: "getModel",
  tags,
  summary: "Read a model, without its key",
  ...asUser("read"),
  request: { params },
  responses: { 200: json(modelSchema, "The model"), ...tokenProblems, ...notFound },
});

const remove = createRoute({
  method: "delete",
  path: "/models/{name}",
  operationId: "removeModel",
  tags,
  summary: "Remove a model and its key",
  ...asUser("author"),
  request: { params },
  responses: { 204: { description: "It is gone" }, ...tokenProblems, ...notFound },
});

const test = createRoute({
  method: "post",
  path: "/models/{name}/test",
  operationId: "testModel",
  tags,
  summary: "Make one small call to a model, at its provider's price",
  ...asUser("author"),
  request: { params },
  responses: { 200: json(modelTestSchema, "What came of it"), ...tokenProblems, ...notFound },
});

export const modelRoutes = newRoutes()
  .openapi(create, async (c) => {
    const model = await addModel(c.var.api.ports, c.var.principal, c.req.valid("json"));
    return c.json(model, 201, { location: `/models/${model.name}` });
  })
  .openapi(list, async (c) =>
    c.json(await listModels(c.var.api.ports, c.var.principal, c.req.valid("query")), 200),
  )
  .openapi(read, async (c) =>
    c.json(await getModel(c.var.api.ports, c.var.principal, c.req.valid("param").name), 200),
  )
  .openapi(remove, async (c) => {
    await removeModel(c.var.api.ports, c.var.principal, c.req.valid("param").name);
    return c.body(null, 204);
  })
  .openapi(test, async (c) =>
    c.json(await testModel(c.var.api.ports, c.var.principal, c.req.valid("param").name), 200),
  );

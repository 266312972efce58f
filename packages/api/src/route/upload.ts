import { createUpload } from "@benchgen/core/upload/create.ts";
import { getUpload } from "@benchgen/core/upload/read.ts";
import { createUploadSchema, createdUploadSchema, uploadSchema } from "@benchgen/core/wire/api.ts";
import { createRoute } from "@hono/zod-openapi";
import { newRoutes } from "../context.ts";
import { asUser, bodyProblems, idParam, json, jsonBody, notFound, tokenProblems } from "../operation.ts";

const create = createRoute({
  method: "post",
  path: "/uploads",
  operationId: "createUpload",
  tags: ["Uploads"],
  summary: "Announce a bundle or a submission, and get a signed URL to PUT it to",
  ...asUser("submit"),
  request: { body: jsonBody(createUploadSchema) },
  responses: {
    201: json(createdUploadSchema, "The upload, and the PUT that fills it"),
    ...tokenProblems,
    ...bodyProblems,
  },
});

const read = createRoute({
  method: "get",
  path: "/uploads/{id}",
  operationId: "getUpload",
  tags: ["Uploads"],
  summary: "Read an upload: its status, its findings, and what became of it",
  ...asUser("read"),
  request: { params: idParam("upload") },
  responses: { 200: json(uploadSchema, "The upload"), ...tokenProblems, ...notFound },
});

export const uploadRoutes = newRoutes()
  .openapi(create, async (c) => {
    const created = await createUpload(c.var.api.ports, c.var.principal, c.req.valid("json"));
    return c.json(created, 201, { location: `/uploads/${created.upload.id}` });
  })
  .openapi(read, async (c) =>
    c.json(await getUpload(c.var.api.ports, c.var.principal, c.req.valid("param").id), 200),
  );

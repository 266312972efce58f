import { createUpload } from "@benchgen/core/upload/create.ts";
import { completeUpload, listArrivedParts, signParts } from "@benchgen/core/upload/part.ts";
import { getUpload } from "@benchgen/core/upload/read.ts";
import {
  arrivedPartsSchema,
  createUploadSchema,
  createdUploadSchema,
  signPartsSchema,
  signedPartsSchema,
  uploadSchema,
} from "@benchgen/core/wire/api.ts";
import { createRoute } from "@hono/zod-openapi";
import { newRoutes } from "../context.ts";
import {
  asUser,
  bodyProblems,
  conflict,
  idParam,
  json,
  jsonBody,
  notFound,
  tokenProblems,
} from "../operation.ts";

const create = createRoute({
  method: "post",
  path: "/uploads",
  operationId: "createUpload",
  tags: ["Uploads"],
  summary: "Announce a bundle or a submission, and get a signed URL to PUT it to",
  description:
    "What is large gets no URL but is sent in `parts`, each signed on its own and sent with one PUT, in any order, several at a time. Announcing the same content again, for the same use, finds the upload that was interrupted, as long as it lives.",
  ...asUser("submit"),
  request: { body: jsonBody(createUploadSchema) },
  responses: {
    200: json(
      createdUploadSchema,
      "Your own upload of the same content, in parts, which is not over: go on with it",
    ),
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

const sign = createRoute({
  method: "post",
  path: "/uploads/{id}/parts",
  operationId: "signUploadParts",
  tags: ["Uploads"],
  summary: "Get signed URLs to PUT parts of a large upload to",
  description: "Each URL takes exactly that part: its number, its size, its SHA-256.",
  ...asUser("submit"),
  request: { params: idParam("upload"), body: jsonBody(signPartsSchema) },
  responses: {
    200: json(signedPartsSchema, "A PUT for each part, as asked"),
    ...tokenProblems,
    ...bodyProblems,
    ...notFound,
    ...conflict,
  },
});

const listParts = createRoute({
  method: "get",
  path: "/uploads/{id}/parts",
  operationId: "listUploadParts",
  tags: ["Uploads"],
  summary: "List the parts of a large upload that have arrived",
  ...asUser("submit"),
  request: { params: idParam("upload") },
  responses: {
    200: json(arrivedPartsSchema, "The parts that are there, by number"),
    ...tokenProblems,
    ...notFound,
    ...conflict,
  },
});

const complete = createRoute({
  method: "post",
  path: "/uploads/{id}/complete",
  operationId: "completeUpload",
  tags: ["Uploads"],
  summary: "Put the parts of a large upload together, once all have arrived",
  description: "The whole is then checked against the SHA-256 that was announced. Once more does nothing.",
  ...asUser("submit"),
  request: { params: idParam("upload") },
  responses: { 200: json(uploadSchema, "The upload"), ...tokenProblems, ...notFound, ...conflict },
});

export const uploadRoutes = newRoutes()
  .openapi(create, async (c) => {
    const { ports, uploadPolicy } = c.var.api;
    const body = c.req.valid("json");
    const { continued, ...created } = await createUpload(ports, c.var.principal, body, uploadPolicy);
    return c.json(created, continued ? 200 : 201, { location: `/uploads/${created.upload.id}` });
  })
  .openapi(sign, async (c) => {
    const { id } = c.req.valid("param");
    return c.json(await signParts(c.var.api.ports, c.var.principal, id, c.req.valid("json")), 200);
  })
  .openapi(listParts, async (c) =>
    c.json(await listArrivedParts(c.var.api.ports, c.var.principal, c.req.valid("param").id), 200),
  )
  .openapi(complete, async (c) =>
    c.json(await completeUpload(c.var.api.ports, c.var.principal, c.req.valid("param").id), 200),
  )
  .openapi(read, async (c) =>
    c.json(await getUpload(c.var.api.ports, c.var.principal, c.req.valid("param").id), 200),
  );

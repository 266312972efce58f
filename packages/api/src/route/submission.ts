import { createSubmission, getSubmission } from "@benchgen/core/submission/create.ts";
import { createSubmissionSchema, submissionSchema } from "@benchgen/core/wire/api.ts";
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
  path: "/submissions",
  operationId: "createSubmission",
  tags: ["Submissions"],
  summary: "Make a submission of an accepted upload",
  ...asUser("submit"),
  request: { body: jsonBody(createSubmissionSchema) },
  responses: {
    201: json(submissionSchema, "The submission"),
    ...tokenProblems,
    ...bodyProblems,
    ...notFound,
    ...conflict,
  },
});

const read = createRoute({
  method: "get",
  path: "/submissions/{id}",
  operationId: "getSubmission",
  tags: ["Submissions"],
  summary: "Read a submission",
  ...asUser("read"),
  request: { params: idParam("submission") },
  responses: { 200: json(submissionSchema, "The submission"), ...tokenProblems, ...notFound },
});

export const submissionRoutes = newRoutes()
  .openapi(create, async (c) => {
    const submission = await createSubmission(c.var.api.ports, c.var.principal, c.req.valid("json"));
    return c.json(submission, 201, { location: `/submissions/${submission.id}` });
  })
  .openapi(read, async (c) =>
    c.json(await getSubmission(c.var.api.ports, c.var.principal, c.req.valid("param").id), 200),
  );

/** For stage-in and stage-out only. Which job is asking is known by its token alone. */
import { readJobSpec, reportJobOutcome, signJobUpload } from "@benchgen/core/job/exchange.ts";
import { signedUploadSchema } from "@benchgen/core/wire/api.ts";
import { createJobUploadSchema, jobOutcomeSchema, jobSpecSchema } from "@benchgen/core/wire/job.ts";
import { createRoute } from "@hono/zod-openapi";
import { newRoutes } from "../context.ts";
import { asJob, bodyProblems, conflict, json, jsonBody, tokenProblems } from "../operation.ts";

const spec = createRoute({
  method: "get",
  path: "/jobs/self/spec",
  operationId: "readJobSpec",
  tags: ["Jobs"],
  summary: "Read what to fetch and what to run, with signed URLs",
  ...asJob,
  responses: { 200: json(jobSpecSchema, "The job"), ...tokenProblems, ...conflict },
});

const upload = createRoute({
  method: "post",
  path: "/jobs/self/uploads",
  operationId: "signJobUpload",
  tags: ["Jobs"],
  summary: "Get a signed URL to PUT one of the job's files to",
  ...asJob,
  request: { body: jsonBody(createJobUploadSchema) },
  responses: { 201: json(signedUploadSchema, "The PUT"), ...tokenProblems, ...bodyProblems, ...conflict },
});

const outcome = createRoute({
  method: "post",
  path: "/jobs/self/outcome",
  operationId: "reportJobOutcome",
  tags: ["Jobs"],
  summary: "Report how the job ended, once everything else is stored",
  ...asJob,
  request: {
    // Not strict: a newer runner may say more.
    body: { required: true, content: { "application/json": { schema: jobOutcomeSchema } } },
  },
  responses: { 204: { description: "Recorded" }, ...tokenProblems, ...bodyProblems, ...conflict },
});

export const jobRoutes = newRoutes()
  .openapi(spec, async (c) =>
    c.json(await readJobSpec(c.var.api.ports, c.var.jobToken, c.var.api.gatewayUrl), 200),
  )
  .openapi(upload, async (c) =>
    c.json(await signJobUpload(c.var.api.ports, c.var.jobToken, c.req.valid("json")), 201),
  )
  .openapi(outcome, async (c) => {
    const job = await reportJobOutcome(c.var.api.ports, c.var.jobToken, c.req.valid("json"));
    await c.var.api.announcer.jobEnded(job);
    return c.body(null, 204);
  });

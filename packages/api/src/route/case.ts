import { listRunCases, readRunCase } from "@benchgen/core/run/case.ts";
import { pageQuerySchema } from "@benchgen/core/wire/api.ts";
import { caseDetailSchema, caseOutcomes, caseSummarySchema } from "@benchgen/core/wire/case.ts";
import { caseSegment } from "@benchgen/core/wire/path.ts";
import { runFailuresSchema, runReportSchema } from "@benchgen/core/wire/report.ts";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { newRoutes } from "../context.ts";
import { asUser, idParam, json, jsonPage, notFound, tokenProblems, wholeNumber } from "../operation.ts";

const tags = ["Cases"];

const taskIndex = wholeNumber(1_000_000);

/** Which cases are meant. */
export const caseFilter = {
  task: taskIndex.optional().meta({ description: "Only of the task with this index." }),
  category: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .meta({ description: "Only those that failed for this reason.", examples: ["wrong_format"] }),
  q: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: "Only those whose id, texts or error hold this, in whatever case." }),
};

const list = createRoute({
  method: "get",
  path: "/runs/{id}/cases",
  operationId: "listCases",
  tags,
  summary: "List the cases of a run: what was asked, answered and expected, and how each ended",
  description:
    "By task, in the order in which the scoring program wrote them; texts are cut short. A page may have fewer cases than `limit`, even none, and still a cursor: that much was looked through.",
  ...asUser("read"),
  request: {
    params: idParam("run"),
    query: pageQuerySchema.extend({
      ...caseFilter,
      outcome: z.enum(caseOutcomes).optional(),
    }),
  },
  responses: { 200: jsonPage(caseSummarySchema, "Cases"), ...tokenProblems, ...notFound },
});

const read = createRoute({
  method: "get",
  path: "/runs/{id}/cases/{task}/{case}",
  operationId: "getCase",
  tags,
  summary: "Read one case, whole",
  ...asUser("read"),
  request: {
    params: idParam("run").extend({
      task: taskIndex.meta({ description: "Index of the task." }),
      case: z
        .string()
        .min(1)
        .max(3000)
        .meta({
          description:
            "The case's id, percent-encoded; a slash in it is written `~s`, a tilde `~t` (`%2F` is understood too, where no proxy decodes it).",
          examples: ["question-17"],
        })
        .transform(caseSegment.parse),
    }),
    query: z.object({
      epoch: z.coerce.number().int().min(1).default(1).meta({ description: "Which repeat." }),
    }),
  },
  responses: { 200: json(caseDetailSchema, "The case"), ...tokenProblems, ...notFound },
});

const report = createRoute({
  method: "get",
  path: "/runs/{id}/report",
  operationId: "getReport",
  tags,
  summary: "Read what a run's cases come to: accuracy with its interval, latency, tokens, cost, failures",
  description: "There is one once the run's tasks are over. Without cases it has no `overall`.",
  ...asUser("read"),
  request: {
    params: idParam("run"),
    query: z.object({
      bootstrap: wholeNumber(0xffff_ffff).optional().meta({
        description: "A seed: means get a bootstrap interval drawn with it, in place of Student's.",
      }),
    }),
  },
  responses: { 200: json(runReportSchema, "The report"), ...tokenProblems, ...notFound },
});

const failures = createRoute({
  method: "get",
  path: "/runs/{id}/failures",
  operationId: "getFailures",
  tags,
  summary: "Read why a run's cases failed, alike ones together, with examples",
  ...asUser("read"),
  request: { params: idParam("run") },
  responses: { 200: json(runFailuresSchema, "Groups of failures"), ...tokenProblems, ...notFound },
});

/** Loaded when first asked for: a report that is missing is made, which takes a library of statistics. */
const reports = () => import("@benchgen/core/run/report.ts");

export const caseRoutes = newRoutes()
  .openapi(report, async (c) => {
    const { readReport } = await reports();
    const { id } = c.req.valid("param");
    const { bootstrap } = c.req.valid("query");
    return c.json(await readReport(c.var.api.ports, c.var.principal, id, bootstrap), 200);
  })
  .openapi(failures, async (c) => {
    const { readFailures } = await reports();
    return c.json(await readFailures(c.var.api.ports, c.var.principal, c.req.valid("param").id), 200);
  })
  .openapi(list, async (c) => {
    const { api, principal } = c.var;
    return c.json(
      await listRunCases(api.ports, principal, c.req.valid("param").id, c.req.valid("query")),
      200,
    );
  })
  .openapi(read, async (c) => {
    const { api, principal } = c.var;
    const { id, task, case: caseId } = c.req.valid("param");
    const { epoch } = c.req.valid("query");
    return c.json(await readRunCase(api.ports, principal, id, { task, id: caseId, epoch }), 200);
  });

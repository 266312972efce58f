import { judgeFailuresSchema, judgePassSchema } from "@benchgen/core/wire/judge.ts";
import { createRoute } from "@hono/zod-openapi";
import { newRoutes } from "../context.ts";
import { asUser, bodyProblems, idParam, json, jsonBody, notFound, tokenProblems } from "../operation.ts";

const judge = createRoute({
  method: "post",
  path: "/runs/{id}/failures/judge",
  operationId: "judgeFailures",
  tags: ["Cases"],
  summary: "Ask a model why cases failed, where a rule could not tell; at its provider's price",
  description:
    "About a few cases at a time: ask again with the cursor until it is `done`. A verdict chooses one of `factual_error`, `hallucination`, `wrong_format`, `refusal` and `incorrect`, is marked with the judge's name, and never stands over what the scoring program said.",
  ...asUser("submit"),
  request: { params: idParam("run"), body: jsonBody(judgeFailuresSchema) },
  responses: {
    200: json(judgePassSchema, "What came of it"),
    ...tokenProblems,
    ...bodyProblems,
    ...notFound,
  },
});

export const judgeRoutes = newRoutes().openapi(judge, async (c) => {
  const { api, principal } = c.var;
  // Loaded when first asked for, as the reports it needs are.
  const { judgeFailures } = await import("@benchgen/core/run/judge.ts");
  return c.json(await judgeFailures(api.ports, principal, c.req.valid("param").id, c.req.valid("json")), 200);
});

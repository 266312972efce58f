import { comparisonSchema, exampleCount, maxComparedRuns } from "@benchgen/core/wire/comparison.ts";
import { idSchema } from "@benchgen/core/wire/id.ts";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { newRoutes } from "../context.ts";
import { asUser, conflict, json, notFound, tokenProblems } from "../operation.ts";

const compare = createRoute({
  method: "get",
  path: "/compare",
  operationId: "compareRuns",
  tags: ["Cases"],
  summary:
    "Compare runs over the same cases, each with the first: what was fixed, what broke, and how sure that is",
  description:
    "Cases are paired by task and id, repeats averaged. Those whose input or target differ are set aside and listed. The runs must be of one version, or of versions with the same data.",
  ...asUser("read"),
  request: {
    query: z.object({
      runs: z
        .string()
        .max(1000)
        .meta({
          description: `Ids of 2 to ${maxComparedRuns} runs, separated by commas.`,
          examples: ["run_01jd0c2v5w8x9y0z1a2b3c4d5e,run_01jd0c2v5w8x9y0z1a2b3c4d5f"],
        })
        .transform((ids): unknown => ids.split(","))
        .pipe(z.array(idSchema("run"))),
      examples: z.coerce.number().int().min(1).max(exampleCount.most).default(exampleCount.default).meta({
        description: "How many cases are shown of those that were fixed, and of those that broke.",
      }),
    }),
  },
  responses: { 200: json(comparisonSchema, "The comparison"), ...tokenProblems, ...notFound, ...conflict },
});

export const compareRoutes = newRoutes().openapi(compare, async (c) => {
  // Loaded when first asked for: it takes a library of statistics.
  const { compareRuns } = await import("@benchgen/core/run/compare.ts");
  const { runs, examples } = c.req.valid("query");
  return c.json(await compareRuns(c.var.api.ports, c.var.principal, runs, examples), 200);
});

import { Conflict } from "@benchgen/core/error.ts";
import { contentDisposition } from "@benchgen/core/port/download.ts";
import { exportCases, exportSlice } from "@benchgen/core/run/export.ts";
import { caseOutcomes } from "@benchgen/core/wire/case.ts";
import { caseExportFormats } from "@benchgen/core/wire/case-export.ts";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { newRoutes, reporter } from "../context.ts";
import { asUser, conflict, idParam, notFound, tokenProblems } from "../operation.ts";
import { streamOf } from "../stream.ts";
import { caseFilter } from "./case.ts";

const download = createRoute({
  method: "get",
  path: "/runs/{id}/cases/export",
  operationId: "exportCases",
  tags: ["Cases"],
  summary: "Download cases as a file: those that failed, for fine-tuning or another tool",
  description:
    "Whole cases; those that lack what the format is made of (`chat` needs an input and a target) are left out. The file's name says environment, version and run. To train on the targets of a private environment spoils it as a benchmark. Streamed at any size on one machine; where answers have a time limit, more than can be written in 20 seconds is refused (`export_too_large`) and read in slices.",
  ...asUser("read"),
  request: {
    params: idParam("run"),
    query: z.object({
      format: z.enum(caseExportFormats).default("jsonl"),
      ...caseFilter,
      outcome: z
        .enum([...caseOutcomes, "all"])
        .optional()
        .meta({ description: "By default `failed`; with a `category`, whatever has it." }),
      slices: z.enum(["true", "false"]).optional().meta({
        description:
          '`true`: some 16 MB of the file, or what can be found in 10 seconds, perhaps nothing. While there is more, the header `Link` (`<…>; rel="next"`) says where. One after the other the slices are the file, byte for byte.',
      }),
      cursor: z
        .string()
        .max(1000)
        .optional()
        .meta({ description: "Of the slice before, as `Link` has it; the other parameters stay the same." }),
    }),
  },
  responses: {
    200: {
      description: "The cases",
      headers: z.object({
        link: z.string().optional().meta({ description: "Of a slice: where the next one is." }),
      }),
      content: { "application/jsonl": { schema: z.string() }, "text/csv": { schema: z.string() } },
    },
    ...tokenProblems,
    ...notFound,
    ...conflict,
  },
});

export const caseExportRoutes = newRoutes().openapi(download, async (c) => {
  const { api, principal } = c.var;
  const { id } = c.req.valid("param");
  const { outcome: asked, slices, cursor, ...filter } = c.req.valid("query");
  const outcome = asked ?? (filter.category === undefined ? "failed" : "all");
  const query = { ...filter, outcome: outcome === "all" ? undefined : outcome };
  const headersOf = (file: { readonly contentType: string; readonly filename: string }) => ({
    "content-type": file.contentType,
    "content-disposition": contentDisposition(file.filename),
  });
  if (slices !== "true" && cursor === undefined) {
    const file = await exportCases(api.ports, principal, id, query, api.maxExportMs);
    const report = reporter(c);
    // Where answers have a limit they are not streamed: this one still becomes the answer.
    const told = (error: unknown) => (error instanceof Conflict ? undefined : report(error));
    return c.body(
      streamOf(() => file.content, told),
      200,
      headersOf(file),
    );
  }
  const limits = api.exportSliceLimits;
  const slice = await exportSlice(api.ports, principal, id, query, { cursor, limits });
  if (slice.cursor !== undefined) c.header("link", nextLink(c.req.url, slice.cursor));
  return c.body(slice.content, 200, headersOf(slice));
});

/** The same request with another cursor, relative to itself: what stands before this API may have another address (RFC 8288). */
function nextLink(url: string, cursor: string): string {
  const { searchParams } = new URL(url);
  searchParams.set("cursor", cursor);
  return `<?${searchParams.toString()}>; rel="next"`;
}

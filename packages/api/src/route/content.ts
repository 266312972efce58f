/** What is inside a version's bundle: as a whole, and the files that are shown to people. */
import { downloadFile, readPage } from "@benchgen/core/environment/content.ts";
import { contentDisposition, untrustedHeaders } from "@benchgen/core/port/download.ts";
import { bundleListingSchema, downloadSchema } from "@benchgen/core/wire/api.ts";
import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { newRoutes, reporter } from "../context.ts";
import { asUser, conflict, json, notFound, tokenProblems, versionParam } from "../operation.ts";
import { streamOf } from "../stream.ts";

const bundle = createRoute({
  method: "get",
  path: "/environments/{ref}/versions/{number}/bundle",
  operationId: "downloadBundle",
  tags: ["Environments"],
  summary: "Download a version as the bundle that was uploaded, reference data included: for its authors",
  description:
    "Where answers have a time limit a large bundle is refused (`bundle_too_large`): list its files instead.",
  ...asUser("author"),
  request: { params: versionParam },
  responses: {
    200: { description: "The bundle", content: { "application/zip": { schema: z.any() } } },
    ...tokenProblems,
    ...notFound,
    ...conflict,
  },
});

const bundleFiles = createRoute({
  method: "get",
  path: "/environments/{ref}/versions/{number}/bundle/files",
  operationId: "listBundle",
  tags: ["Environments"],
  summary:
    "List what a version's bundle is packed of, with signed downloads: for bundles too large for one answer",
  ...asUser("author"),
  request: { params: versionParam },
  responses: { 200: json(bundleListingSchema, "The bundle's files"), ...tokenProblems, ...notFound },
});

const fileParam = versionParam.extend({
  file: z
    .string()
    .min(1)
    .max(1024)
    .meta({ examples: ["overview.md"] }),
});

const page = createRoute({
  method: "get",
  // Hono's way to let the last parameter hold slashes; the OpenAPI document says {file}.
  path: "/environments/{ref}/versions/{number}/pages/{file{.+}}",
  operationId: "readPage",
  tags: ["Environments"],
  summary: "Read a page, the terms or the logo of a version",
  description:
    "`file` is the path inside the bundle, slashes included. What comes back was written by the bundle's author: it is sent with a sandboxing Content-Security-Policy, and as an attachment when browsers should not show it.",
  ...asUser("read"),
  request: { params: fileParam },
  responses: {
    200: { description: "The file", content: { "*/*": { schema: z.any() } } },
    ...tokenProblems,
    ...notFound,
  },
});

const download = createRoute({
  method: "get",
  path: "/environments/{ref}/versions/{number}/files/{file{.+}}",
  operationId: "downloadFile",
  tags: ["Environments"],
  summary: "Get a signed download of a phase's starting kit or public data",
  ...asUser("read"),
  request: { params: fileParam },
  responses: { 200: json(downloadSchema, "Where to download it"), ...tokenProblems, ...notFound },
});

export const contentRoutes = newRoutes()
  .openapi(bundle, async (c) => {
    const { ref, number } = c.req.valid("param");
    // Loaded when first asked for: few requests read zips.
    const { downloadBundle } = await import("@benchgen/core/environment/download.ts");
    const { filename, contentHash, content } = await downloadBundle(
      c.var.api.ports,
      c.var.principal,
      ref,
      number,
      c.var.api.maxPackedBytes,
    );
    return c.body(
      streamOf(() => content, reporter(c)),
      200,
      {
        "content-type": "application/zip",
        "content-disposition": contentDisposition(filename),
        etag: `"${contentHash}"`,
      },
    );
  })
  .openapi(bundleFiles, async (c) => {
    const { ref, number } = c.req.valid("param");
    const { listBundle } = await import("@benchgen/core/environment/download.ts");
    return c.json(await listBundle(c.var.api.ports, c.var.principal, ref, number), 200);
  })
  .openapi(page, async (c) => {
    const { ref, number, file } = c.req.valid("param");
    const { contentType, content } = await readPage(c.var.api.ports, c.var.principal, ref, number, file);
    return c.body(new Uint8Array(content), 200, untrustedHeaders({ contentType, filename: file }, "page"));
  })
  .openapi(download, async (c) => {
    const { ref, number, file } = c.req.valid("param");
    return c.json(await downloadFile(c.var.api.ports, c.var.principal, ref, number, file), 200);
  });

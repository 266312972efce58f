import { InvalidInput, Forbidden, NotFound } from "@benchgen/core/error.ts";
import { untrustedHeaders } from "@benchgen/core/port/download.ts";
import type { Blobs, Bytes, Clock } from "@benchgen/core/ports.ts";
import { byteRange } from "./byte-range.ts";
import { blobPath, downloadGrant, uploadGrant } from "./signed-url.ts";
import type { UploadGrant } from "./signed-url.ts";

/** What signed URLs lead to. Both throw the domain's errors: the server that mounts them maps those as it does all others. */
export interface BlobHandler {
  /**
   * PUT: stores exactly the bytes the URL was signed for.
   * @throws Forbidden `url_invalid`, `url_expired`, `header_mismatch`; InvalidInput `size_mismatch`,
   *   `checksum_mismatch`, `body_incomplete`; PlatformFault
   */
  acceptUpload(request: Request): Promise<Response>;
  /** GET: the blob, or one range of it. @throws Forbidden `url_invalid`, `url_expired`; NotFound */
  serveDownload(request: Request): Promise<Response>;
  /** Either of them by the request's method and path; undefined for what is no request for a blob. */
  handle(request: Request): Promise<Response | undefined>;
}

export function createBlobHandler(options: {
  blobs: Blobs;
  secret: Uint8Array;
  clock: Clock;
  /** Stores an upload that was checked as far as its headers go. */
  accept: (grant: UploadGrant, content: Bytes) => Promise<void>;
}): BlobHandler {
  const { blobs, secret, clock, accept } = options;
  const handler: BlobHandler = {
    async acceptUpload(request) {
      const grant = uploadGrant(secret, new URL(request.url), clock.now());
      assertSignedHeaders(request.headers, grant);
      await accept(grant, incoming(request.body));
      return new Response(null, { status: 200, headers: { etag: `"${grant.sha256}"` } });
    },

    async serveDownload(request) {
      const { key, filename } = downloadGrant(secret, new URL(request.url), clock.now());
      const head = await blobs.head(key);
      if (head === undefined) throw new NotFound("blob", key);
      const range = byteRange(request.headers.get("range"), head.size);
      if (range === "unsatisfiable") {
        return new Response(null, { status: 416, headers: { "content-range": `bytes */${head.size}` } });
      }
      const { start, end } = range ?? { start: 0, end: head.size };
      const headers: Record<string, string> = {
        ...untrustedHeaders(
          { contentType: head.contentType ?? "application/octet-stream", filename },
          "file",
        ),
        "accept-ranges": "bytes",
        "content-length": String(end - start),
        "last-modified": new Date(head.modifiedAt).toUTCString(),
      };
      if (head.sha256 !== undefined) headers["etag"] = `"${head.sha256}"`;
      if (range !== undefined) headers["content-range"] = `bytes ${start}-${end - 1}/${head.size}`;
      const body = ReadableStream.from(await blobs.stream(key, { start, end }));
      return new Response(body, { status: range === undefined ? 200 : 206, headers });
    },

    async handle(request) {
      if (!new URL(request.url).pathname.startsWith(blobPath)) return undefined;
      if (request.method === "PUT") return handler.acceptUpload(request);
      if (request.method === "GET") return handler.serveDownload(request);
      return undefined;
    },
  };
  return handler;
}

/** The body as it comes. One that breaks off is its sender's affair, not an error of ours. */
async function* incoming(body: Request["body"]): AsyncGenerator<Uint8Array> {
  try {
    if (body !== null) yield* body;
  } catch (error) {
    throw new InvalidInput("body_incomplete", "The connection broke before all bytes had come.", {
      hint: "Send it again: the URL works until it expires.",
      cause: error,
    });
  }
}

function assertSignedHeaders(headers: Headers, grant: UploadGrant): void {
  // S3 takes no chunked upload on such a URL either.
  const length = headers.get("content-length");
  if (length !== String(grant.size)) {
    const found = length === null ? "chunks of unknown length" : `${length} bytes`;
    throw new InvalidInput("size_mismatch", `This URL takes exactly ${grant.size} bytes, not ${found}.`, {
      hint: `Send the header content-length: ${grant.size}.`,
    });
  }
  const signed = { "x-benchgen-sha256": grant.sha256, "content-type": grant.contentType };
  for (const [name, value] of Object.entries(signed)) {
    if (value !== undefined && headers.get(name) !== value) {
      throw new Forbidden("header_mismatch", `The header ${name} must be sent as it was signed: ${value}.`);
    }
  }
}

import { BenchgenError, Forbidden, InvalidInput, NotFound } from "@benchgen/core/error.ts";
import type { BlobHandler } from "@benchgen/local/blob/handler.ts";
import { type Listening, serveFetch } from "./http.ts";

const statuses = [
  [Forbidden, 403],
  [NotFound, 404],
  [InvalidInput, 400],
] as const;

/** The least server around signed URLs; the real one does the same in its API. */
export async function serveBlobs(handler: () => BlobHandler): Promise<Listening> {
  const answer = async (request: Request): Promise<Response> => {
    try {
      const blobs = handler();
      return await (request.method === "PUT" ? blobs.acceptUpload(request) : blobs.serveDownload(request));
    } catch (error) {
      const code = error instanceof BenchgenError ? error.code : "unexpected";
      const status = statuses.find(([type]) => error instanceof type)?.[1] ?? 503;
      return Response.json({ code }, { status });
    }
  };
  return serveFetch(answer);
}

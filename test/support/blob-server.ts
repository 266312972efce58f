import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { BenchgenError, Forbidden, InvalidInput, NotFound } from "@benchgen/core/error.ts";
import type { BlobHandler } from "@benchgen/local/blob/handler.ts";

const statuses = [
  [Forbidden, 403],
  [NotFound, 404],
  [InvalidInput, 400],
] as const;

/** The least server around signed URLs; the real one does the same in its API. */
export async function serveBlobs(
  handler: () => BlobHandler,
): Promise<{ url: string; close: () => Promise<void> }> {
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
  const server = serve({ fetch: answer, hostname: "127.0.0.1", port: 0 }) as Server;
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Answers that come compressed, though no request of ours takes them so: some proxies do not look. */
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";

// Source: IANA's registry of HTTP content codings.
const decoders = new Map([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
  ["zstd", createZstdDecompress],
] as const);

/** The bytes behind an answer's coding, as they arrive; those of a coding nobody knows as they are. */
export function uncompressed(response: IncomingMessage): AsyncIterable<Buffer> {
  const coding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  const create = (decoders as ReadonlyMap<string, typeof createGunzip>).get(coding);
  if (create === undefined) return response;
  // Whoever reads it is told of an error by the stream itself.
  return pipeline(response, create(), () => {});
}

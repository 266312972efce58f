/** The `/jobs` routes over memory, for stages in containers: a job's token, inputs by URL with ranges, uploads, outcome. */
import { createHash } from "node:crypto";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type JobOutcome, type JobSpec, jobOutcomeSchema } from "@benchgen/core/wire/job.ts";

export interface JobApi extends AsyncDisposable {
  readonly url: string;
  readonly uploaded: ReadonlyMap<string, Uint8Array>;
  readonly outcomes: readonly JobOutcome[];
  /** Requests seen, as `METHOD path`. */
  readonly requests: readonly string[];
}

/**
 * @param failures how many requests are answered with 503 before the first is served
 * @param reported whether an earlier attempt at the job has come to its end
 */
export async function serveJob(
  spec: JobSpec,
  blobs: ReadonlyMap<string, Uint8Array>,
  { token, failures = 0, reported = false }: { token: string; failures?: number; reported?: boolean },
): Promise<JobApi> {
  const uploaded = new Map<string, Uint8Array>();
  const outcomes: JobOutcome[] = [];
  const requests: string[] = [];
  let failing = failures;
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? "";
    requests.push(`${request.method} ${path}`);
    const answer = (status: number, body: string | Uint8Array = "", headers: Record<string, string> = {}) =>
      response.writeHead(status, headers).end(body);
    const body = await buffer(request);
    if (failing > 0) {
      failing--;
      return answer(503);
    }
    const blob = blobs.get(path.replace("/blob/", ""));
    if (blob !== undefined) {
      const [, start, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
      const part = blob.subarray(Number(start), Number(end) + 1);
      const range = `bytes ${start}-${Number(start) + part.length - 1}/${blob.length}`;
      return answer(206, part, { "content-range": range });
    }
    if (request.method === "PUT") {
      const sha256 = createHash("sha256").update(body).digest("hex");
      if (path !== `/put/${sha256}/output.zip` && path.endsWith(".zip")) return answer(400);
      uploaded.set(path.split("/").at(-1) ?? "", body);
      return answer(200);
    }
    if (request.headers.authorization !== `Bearer ${token}`) return answer(401);
    if (reported) return answer(409, JSON.stringify({ code: "job_reported" }));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    switch (`${request.method} ${path}`) {
      case "GET /jobs/self/spec":
        return answer(
          200,
          JSON.stringify({
            ...spec,
            inputs: spec.inputs.map((input) => ({ ...input, url: `${url}/blob/${input.blob}` })),
          }),
        );
      case "POST /jobs/self/uploads": {
        const { file, sha256 } = JSON.parse(body.toString()) as { file: string; sha256: string };
        const upload = { method: "PUT", url: `${url}/put/${sha256}/${file}`, headers: {}, expiresAt: "" };
        return answer(201, JSON.stringify(upload));
      }
      case "POST /jobs/self/outcome":
        outcomes.push(jobOutcomeSchema.parse(JSON.parse(body.toString())));
        return answer(204);
      default:
        return answer(404);
    }
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    uploaded,
    outcomes,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

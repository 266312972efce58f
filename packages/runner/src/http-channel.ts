/** The job's side of the `/jobs` routes, for stages that run in containers. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import * as z from "zod";
import type { ByteSource } from "@benchgen/core/bundle/byte-source.ts";
import { urlSource } from "@benchgen/core/bundle/url-source.ts";
import {
  BenchgenError,
  InvalidInput,
  PlatformFault,
  Unauthenticated,
  messageOf,
} from "@benchgen/core/error.ts";
import { jobSpecSchema } from "@benchgen/core/wire/job.ts";
import type { FileContent, JobChannel } from "./channel.ts";
import { type RetryOptions, defaultRetry, withRetry } from "./retry.ts";

const signedUploadSchema = z.object({
  method: z.literal("PUT"),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
});

/**
 * Speaks to the API with the job's token: `GET /jobs/self/spec`, `POST /jobs/self/uploads` and then a PUT to the signed
 * URL it answers with, `POST /jobs/self/outcome`. Redirects are refused, so that the token goes nowhere else.
 * @param apiUrl without a slash at the end
 */
export function httpChannel(apiUrl: string, token: string, retry: RetryOptions = defaultRetry): JobChannel {
  const call = async (method: "GET" | "POST", path: string, body?: unknown): Promise<unknown> => {
    const response = await send(`${apiUrl}/jobs/self/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await check(response, `${method} /jobs/self/${path}`);
    const text = await response.text();
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  };
  return {
    spec: () => withRetry(async () => jobSpecSchema.parse(await call("GET", "spec")), retry),
    open: async ({ url, blob }) => {
      if (url === undefined)
        throw new InvalidInput("input_unreadable", `The job spec has no URL for ${blob}.`);
      return retried(await withRetry(() => urlSource(url), retry), retry);
    },
    upload: (file, content) =>
      withRetry(async () => {
        const { size, sha256 } = content;
        const answer = signedUploadSchema.parse(await call("POST", "uploads", { file, size, sha256 }));
        await put(answer, content, file);
      }, retry),
    report: async (outcome) => {
      await withRetry(() => call("POST", "outcome", outcome), retry);
    },
  };
}

async function put(
  upload: z.infer<typeof signedUploadSchema>,
  content: FileContent,
  file: string,
): Promise<void> {
  const response = await send(upload.url, {
    method: upload.method,
    // The length is known: without it a stream would go out in chunks, which signed URLs do not accept.
    headers: { "content-length": String(content.size), ...upload.headers },
    body: Readable.toWeb(createReadStream(content.path)) as ReadableStream,
    duplex: "half",
  });
  await check(response, `PUT ${file}`);
  await response.body?.cancel();
}

async function send(url: string, request: RequestInit): Promise<Response> {
  return await fetch(url, { ...request, redirect: "error" }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new PlatformFault("api_unreachable", `The platform could not be reached: ${messageOf(cause)}.`, {
      cause: error,
    });
  });
}

/** @throws what the answer's status stands for */
async function check(response: Response, what: string): Promise<void> {
  if (response.ok) return;
  const body = (await response.text().catch(() => "")).slice(0, 1000);
  const message = `${what} was answered with ${response.status}: ${body}`;
  if (response.status >= 500 || response.status === 429 || response.status === 408) {
    throw new PlatformFault("api_failed", message);
  }
  if (response.status === 401) {
    throw new Unauthenticated("job_token_refused", `The job's token is no longer accepted. ${message}`);
  }
  throw new BenchgenError("api_refused", message);
}

/** The same source, with a read that goes on from where it was when the connection breaks. */
function retried(source: ByteSource, retry: RetryOptions): ByteSource {
  async function* resumed(start: number, end: number): AsyncGenerator<Uint8Array> {
    let position = start;
    while (position < end) {
      const stream = await withRetry(() => source.read(position, end), retry);
      const before = position;
      try {
        for await (const chunk of stream) {
          position += chunk.length;
          yield chunk;
        }
      } catch (error) {
        // Something arrived, so asking for the rest makes progress; nothing did, so it is as good as never opened.
        if (!(error instanceof PlatformFault) || position === before) throw error;
      }
    }
  }
  return { size: source.size, read: (start, end) => Promise.resolve(resumed(start, end)) };
}

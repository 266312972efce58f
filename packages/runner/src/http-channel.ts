/** The job's side of the `/jobs` routes, for stages that run in containers. */
import * as z from "zod";
import type { ByteSource } from "@benchgen/core/bundle/byte-source.ts";
import { type RangeRequest, urlSource } from "@benchgen/core/bundle/url-source.ts";
import {
  BenchgenError,
  Conflict,
  InvalidInput,
  PlatformFault,
  Unauthenticated,
  messageOf,
} from "@benchgen/core/error.ts";
import { jobSpecSchema } from "@benchgen/core/wire/job.ts";
import type { FileContent, JobChannel } from "./channel.ts";
import { contentAt } from "./file.ts";
import { type Patience, defaultPatience, send } from "./request.ts";
import { type RetryOptions, defaultRetry, withRetry } from "./retry.ts";
import { requireApiUrl, requireSignedUrl } from "./signed-url.ts";

const signedUploadSchema = z.object({
  method: z.literal("PUT"),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
});

/** Bytes of an answer in JSON: far more than a job's spec can have. */
const maxAnswerBytes = 4 * 1024 ** 2;

/**
 * Speaks to the API with the job's token: `GET /jobs/self/spec`, `POST /jobs/self/uploads` and then a PUT to the signed
 * URL it answers with, `POST /jobs/self/outcome`. The token goes nowhere else: redirects are refused, and so are signed
 * URLs that lead where no store can be.
 * @param apiUrl without a slash at the end
 * @throws BenchgenError `api_url_refused`
 */
export function httpChannel(
  apiUrl: string,
  token: string,
  retry: RetryOptions = defaultRetry,
  patience: Patience = defaultPatience,
): JobChannel {
  const api = requireApiUrl(apiUrl);
  const call = async (method: "GET" | "POST", path: string, body?: unknown): Promise<unknown> => {
    const what = `${method} /jobs/self/${path}`;
    const authorization = `Bearer ${token}`;
    const response = await send(
      `${apiUrl}/jobs/self/${path}`,
      body === undefined
        ? { method, headers: { authorization } }
        : {
            method,
            headers: { authorization, "content-type": "application/json" },
            body: JSON.stringify(body),
          },
      patience,
    );
    await requireOk(response, what);
    return await readJson(response, what);
  };
  const fetchRange = (url: string, { headers }: RangeRequest) => send(url, { headers }, patience);
  return {
    spec: () => withRetry(async () => jobSpecSchema.parse(await call("GET", "spec")), retry),
    open: async ({ url, blob }) => {
      if (url === undefined) throw new BenchgenError("url_missing", `The job spec has no URL for ${blob}.`);
      const signed = requireSignedUrl(url, api).href;
      const opened = () => asOurs(() => urlSource(signed, { fetch: fetchRange }));
      return resuming(await withRetry(opened, retry), retry);
    },
    upload: (file, content) =>
      withRetry(async () => {
        const { size, sha256 } = content;
        const answer = signedUploadSchema.parse(await call("POST", "uploads", { file, size, sha256 }));
        await put({ ...answer, url: requireSignedUrl(answer.url, api) }, content, { file, patience });
      }, retry),
    report: async (outcome) => {
      await withRetry(() => call("POST", "outcome", outcome), retry);
    },
  };
}

async function put(
  { method, url, headers }: { method: string; url: URL; headers: Record<string, string> },
  { path, size }: FileContent,
  { file, patience }: { file: string; patience: Patience },
): Promise<void> {
  // The length is known: without it a stream would go out in chunks, which signed URLs do not accept.
  const sized = { "content-length": String(size), ...headers };
  const body = { stream: contentAt(path), size };
  const response = await send(url, { method, headers: sized, body }, patience);
  await requireOk(response, `PUT ${file}`);
  await response.body?.cancel();
}

/** @throws what the answer's status stands for */
async function requireOk(response: Response, what: string): Promise<void> {
  if (response.ok) return;
  const body = Buffer.from(await readSome(response, 64 * 1024)).toString();
  const message = `${what} was answered with ${response.status}: ${body.slice(0, 1000)}`;
  if (response.status === 401) {
    throw new Unauthenticated("job_token_refused", `The job's token is no longer accepted. ${message}`);
  }
  const Refusal = response.status === 409 ? Conflict : BenchgenError;
  throw new Refusal(problemCode(body) ?? "api_refused", message);
}

function problemCode(body: string): string | undefined {
  try {
    return z.object({ code: z.string() }).safeParse(JSON.parse(body)).data?.code;
  } catch {
    return undefined;
  }
}

/** @throws PlatformFault when the answer breaks off; BenchgenError `answer_too_large` */
async function readJson(response: Response, what: string): Promise<unknown> {
  const bytes = await readSome(response, maxAnswerBytes + 1);
  if (bytes.length > maxAnswerBytes) {
    throw new BenchgenError(
      "answer_too_large",
      `${what} was answered with more than ${maxAnswerBytes} bytes.`,
    );
  }
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as unknown;
  } catch (error) {
    throw new PlatformFault("answer_broken", `${what} was answered with no JSON: ${messageOf(error)}.`);
  }
}

/** The beginning of an answer; what comes after is not fetched. */
async function readSome(response: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

/**
 * What a source of bytes says against an upload is here about a URL that the API signed: never the submitter's doing.
 * @throws BenchgenError `input_unfetchable`, or what a fault of the connection was made from
 */
async function asOurs<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof InvalidInput) {
      throw new BenchgenError("input_unfetchable", `An input cannot be fetched: ${error.message}`, {
        cause: error,
      });
    }
    const passing = !(error instanceof PlatformFault) || !(error.cause instanceof BenchgenError);
    throw passing ? error : error.cause;
  }
}

/** The same source, with a read that goes on from where it was when the connection breaks. */
function resuming(source: ByteSource, retry: RetryOptions): ByteSource {
  async function* resumed(start: number, end: number): AsyncGenerator<Uint8Array> {
    let position = start;
    while (position < end) {
      // With its first bytes: an answer that breaks off before them is as good as none.
      const begun = await withRetry(() => asOurs(() => begin(source, position, end)), retry);
      try {
        for await (const chunk of begun) {
          position += chunk.length;
          yield chunk;
        }
      } catch (error) {
        // Something has arrived, so asking for the rest makes progress.
        if (!(error instanceof PlatformFault)) throw error;
      }
    }
  }
  return { size: source.size, read: (start, end) => Promise.resolve(resumed(start, end)) };
}

/** A read of which something has arrived. */
async function begin(source: ByteSource, start: number, end: number): Promise<AsyncIterable<Uint8Array>> {
  const chunks = (await source.read(start, end))[Symbol.asyncIterator]();
  const first = await chunks.next();
  return (async function* () {
    try {
      for (let next = first; next.done !== true; next = await chunks.next()) yield next.value;
    } finally {
      await chunks.return?.();
    }
  })();
}

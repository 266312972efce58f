/** Answers that whoever delivers them would not take whole: they are stored, and the answer says where. */
import { hashOf } from "@benchgen/core/port/canonical-json.ts";
import { filenameIn } from "@benchgen/core/port/download.ts";
import type { Ports } from "@benchgen/core/ports.ts";
import { blobKey, madeLifeSeconds } from "@benchgen/core/wire/key.ts";
import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./context.ts";

/** A signed URL is good for so long, seconds. */
const urlSeconds = 3600;

/**
 * Turns an answer to a GET that is longer than `maxBytes` into a redirect (303) to a signed URL of a blob that holds it.
 * What has an ETag is made and stored once for all who ask while that blob lives. A stream of events stays one: where
 * answers have an end, `logFollowMs` gives it one early.
 */
export function limitAnswers(maxBytes: number): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    await next();
    const { status, headers, body } = c.res;
    const link = headers.get("link");
    /** What fails while it is made: nobody has seen any of it, so the error is the answer, without its headers. */
    const withoutAnswer = (error: unknown): never => {
      c.res = undefined;
      throw error;
    };
    const isFollowed = headers.get("content-type")?.startsWith("text/event-stream") === true;
    if (c.req.method !== "GET" || status !== 200 || body === null || isFollowed) return;
    const { ports, version } = c.var.api;
    const tag = headers.get("etag");
    const key = blobKey.made(tag === null ? ports.ids.token() : hashOf([version, c.req.url, tag]));
    if (tag !== null && (await isThere(ports, key))) {
      await body.cancel();
    } else {
      const { whole, content } = await readUpTo(body, maxBytes).catch(withoutAnswer);
      if (whole !== undefined) {
        // Hono would otherwise put the headers of one answer upon those of the next.
        c.res = undefined;
        c.res = new Response(whole, { status, headers });
        return;
      }
      const contentType = headers.get("content-type") ?? "application/octet-stream";
      await ports.blobs.put(key, content, { contentType }).catch(withoutAnswer);
    }
    // Always saved as a file: at its store nothing keeps a stranger's page in a sandbox.
    const filename = filenameIn(headers.get("content-disposition") ?? "") ?? "answer.json";
    const location = await ports.blobs.signDownload(key, { expiresInSeconds: urlSeconds, filename });
    c.res = undefined;
    c.res = new Response(null, { status: 303, headers: { location, ...(link !== null && { link }) } });
  };
}

/** Whether the blob is there, and stays as long as a URL that is signed now. */
async function isThere({ blobs, clock }: Pick<Ports, "blobs" | "clock">, key: string): Promise<boolean> {
  const head = await blobs.head(key);
  if (head === undefined) return false;
  const age = (clock.now().getTime() - Date.parse(head.modifiedAt)) / 1000;
  return age + urlSeconds < madeLifeSeconds;
}

/** The whole of a body, if that is all; and all of its bytes, read or not. */
async function readUpTo(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<{ whole?: Uint8Array<ArrayBuffer>; content: AsyncIterable<Uint8Array> }> {
  const rest = body[Symbol.asyncIterator]();
  const begin: Uint8Array[] = [];
  let bytes = 0;
  while (bytes <= maxBytes) {
    const next = await rest.next();
    if (next.done === true) return { whole: Buffer.concat(begin), content: joined(begin, rest) };
    begin.push(next.value);
    bytes += next.value.length;
  }
  return { content: joined(begin, rest) };
}

async function* joined(
  begin: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* begin;
  yield* { [Symbol.asyncIterator]: () => rest };
}

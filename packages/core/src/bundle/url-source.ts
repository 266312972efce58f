/** A byte source over HTTP range requests: a bundle is validated where it lies, without being downloaded. */
import { InvalidInput, PlatformFault, messageOf } from "../error.ts";
import type { ByteSource } from "./byte-source.ts";

export interface UrlSourceOptions {
  /** Ends every request of the source. */
  readonly signal?: AbortSignal;
  /** Sends the request; the global `fetch` by default. */
  readonly fetch?: (url: string, request: RangeRequest) => Promise<Response>;
}

export interface RangeRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly redirect: "error";
  readonly signal?: AbortSignal;
}

/**
 * Opens a signed URL. Redirects are refused: whoever answers could otherwise point us at an internal address.
 * Every answer must be the range that was asked for, of content of the size (and entity tag) first seen.
 * @throws InvalidInput `url_unreadable` when the server refuses or does not serve ranges
 * @throws PlatformFault `url_unreachable` when it cannot be reached or fails
 */
export async function urlSource(url: string, options: UrlSourceOptions = {}): Promise<ByteSource> {
  const first = await request(url, "bytes=0-0", options);
  await first.response.body?.cancel();
  const { size, tag } = first;
  return {
    size,
    async read(start, end) {
      if (end <= start) return empty();
      const answer = await request(url, `bytes=${start}-${end - 1}`, options);
      if (answer.size !== size || answer.tag !== tag || answer.start !== start || answer.end !== end) {
        await answer.response.body?.cancel();
        throw new InvalidInput("url_unreadable", "The content behind the URL changed while it was read.", {
          hint: "Upload it again, and do not overwrite it while it is being checked.",
        });
      }
      return exactly(answer.response, end - start);
    },
  };
}

interface Answer {
  readonly response: Response;
  readonly size: number;
  readonly start: number;
  readonly end: number;
  readonly tag: string | null;
}

async function request(url: string, range: string, options: UrlSourceOptions): Promise<Answer> {
  const send = options.fetch ?? fetch;
  const response = await send(url, {
    // An encoded answer would make the ranges those of the encoding.
    headers: { range, "accept-encoding": "identity" },
    redirect: "error",
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  }).catch((error: unknown) => {
    throw new PlatformFault("url_unreachable", `The content could not be fetched: ${messageOf(error)}.`, {
      cause: error,
    });
  });
  const tag = response.headers.get("etag");
  const extent = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
  if (response.status === 206 && extent !== null) {
    return { response, start: Number(extent[1]), end: Number(extent[2]) + 1, size: Number(extent[3]), tag };
  }
  await response.body?.cancel();
  // 416 is the answer to the first byte of nothing.
  const none = /^bytes \*\/0$/.test(response.headers.get("content-range") ?? "");
  if (response.status === 416 && none) return { response, start: 0, end: 0, size: 0, tag };
  if (response.status >= 500 || response.status === 429) {
    throw new PlatformFault("url_unreachable", `The server answered ${response.status}.`);
  }
  throw new InvalidInput(
    "url_unreadable",
    response.ok
      ? "The server does not serve ranges of this content."
      : `The server answered ${response.status}: the URL may have expired.`,
  );
}

async function* exactly(response: Response, length: number): AsyncGenerator<Uint8Array> {
  let received = 0;
  try {
    for await (const chunk of response.body ?? []) {
      received += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw new PlatformFault("url_unreachable", `The connection broke: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  if (received !== length) {
    throw new PlatformFault("url_unreachable", `The server sent ${received} of ${length} bytes.`);
  }
}

async function* empty(): AsyncGenerator<Uint8Array> {}

/**
 * What Lambda's runtime gives handlers that stream: the global `awslambda`, and a stream whose first bytes are the
 * answer's status and headers.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
 */
import { Writable } from "node:stream";
import { finished } from "node:stream/promises";

/** As `streamifyResponse` is given it. */
type StreamingHandler = (event: unknown, stream: Writable, context: object) => Promise<void>;

/** Between the metadata and the body. */
const delimiter = Buffer.alloc(8);

export interface AnswerHead {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly cookies: string[];
}

/** Before a module is loaded that asks for it. */
export function installStreaming(): void {
  const awslambda = {
    streamifyResponse: (handler: StreamingHandler) => handler,
    HttpResponseStream: {
      from(stream: Writable, head: AnswerHead) {
        stream.write(JSON.stringify(head));
        stream.write(delimiter);
        return stream;
      },
    },
  };
  Object.assign(globalThis, { awslambda });
}

/** Runs a handler; resolves when it has returned and all it wrote was passed on. */
export async function runStreaming(
  handler: unknown,
  call: { readonly event: unknown; readonly context: object; readonly onBytes: (bytes: Buffer) => void },
): Promise<void> {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      call.onBytes(chunk);
      done();
    },
  });
  await Promise.all([finished(stream), (handler as StreamingHandler)(call.event, stream, call.context)]);
}

/** Takes the head off what a handler writes. */
export class AnswerReader {
  readonly #onHead: (head: AnswerHead) => void;
  readonly #onBody: (bytes: Buffer) => void;
  #head: Buffer | undefined = Buffer.alloc(0);

  constructor(onHead: (head: AnswerHead) => void, onBody: (bytes: Buffer) => void) {
    this.#onHead = onHead;
    this.#onBody = onBody;
  }

  push(bytes: Buffer): void {
    if (this.#head === undefined) return this.#onBody(bytes);
    this.#head = Buffer.concat([this.#head, bytes]);
    const end = this.#head.indexOf(delimiter);
    if (end === -1) return;
    const body = this.#head.subarray(end + delimiter.length);
    this.#onHead(JSON.parse(this.#head.toString("utf8", 0, end)) as AnswerHead);
    this.#head = undefined;
    if (body.length > 0) this.#onBody(body);
  }
}

/** Bodies that are written as they are read, and server-sent events. */

/** Asked for at once, and read when the client reads; `signal` is aborted when the stream is over, however it ends. */
export type Content = (signal: AbortSignal) => AsyncIterable<string | Uint8Array>;

/**
 * A body that reads `content` no faster than the client does. An error in the middle breaks the connection, so that
 * nobody takes half for the whole, and is given to `onError`.
 */
export function streamOf(content: Content, onError: (error: unknown) => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const abort = new AbortController();
  const iterator = content(abort.signal)[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await iterator.next();
          if (abort.signal.aborted) return;
          if (next.done === true) {
            abort.abort();
            controller.close();
          } else controller.enqueue(typeof next.value === "string" ? encoder.encode(next.value) : next.value);
        } catch (error) {
          if (abort.signal.aborted) return;
          abort.abort();
          onError(error);
          controller.error(error);
        }
      },
      async cancel() {
        abort.abort();
        await iterator.return?.().catch(onError);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Keeps proxies from closing a quiet stream, and finds out that a client is gone. */
export const keepAlive = ": keep-alive\n\n";
/** How long a stream may be quiet, milliseconds. Proxies commonly give up after 30 to 60 s. */
export const keepAliveMs = 15_000;

/** One server-sent event. `data` is sent as one line of JSON; an id is what a client resumes from. */
export function serverSentEvent(event: { event: string; id: string; data: unknown }): string {
  if (/[\r\n\0]/.test(event.id + event.event)) throw new Error("an event's id or name has a line break");
  return `event: ${event.event}\nid: ${event.id}\ndata: ${JSON.stringify(event.data)}\n\n`;
}

export const eventStreamHeaders = { "content-type": "text/event-stream", "x-accel-buffering": "no" };

/** Reading server-sent events (WHATWG HTML, 9.2) from a response's body. */

export interface ServerSentEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** No event of ours comes near; a server that sends more without an end is not ours. */
const maxEventChars = 8 * 1024 * 1024;

/** Events as they arrive. Ends when the server ends the stream. */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? "";
    if (rest.length > maxEventChars) throw new Error("the server sent an event without an end");
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event !== undefined) yield event;
    }
  }
}

/** Undefined for a comment, which only keeps the connection open. */
function parseEvent(block: string): ServerSentEvent | undefined {
  const fields = { event: "message", id: "", data: [] as string[] };
  for (const line of block.split(/\r?\n/)) {
    const match = /^(event|id|data): ?(.*)$/.exec(line);
    if (match?.[1] === "data") fields.data.push(match[2]!);
    else if (match !== null) fields[match[1] as "event" | "id"] = match[2]!;
  }
  return fields.data.length === 0 ? undefined : { ...fields, data: fields.data.join("\n") };
}

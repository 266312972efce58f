/** Passing a stream of events on, byte for byte, while learning from it. */
import { messageOf } from "../error.ts";
import { UpstreamFailed } from "../ports.ts";
import { parseJson } from "./body.ts";
import { Observer, isUsageChunk } from "./observe.ts";
import { type GatewayRefusal, errorBody, refusalOfFault } from "./refusal.ts";
import { SseSplitter, dataOf } from "./sse.ts";

/** What was seen of a stream once it is over. */
export interface Streamed {
  readonly observer: Observer;
  /** When its first piece of an answer passed. */
  readonly firstTokenAt: Date | undefined;
  /** Why it is not whole. */
  readonly problem: GatewayRefusal | undefined;
}

/**
 * The stream as the client sees it. One that breaks off ends with an event that says why, in the shape that OpenAI's
 * clients throw as an error.
 * @param hideUsage takes out the chunk that only holds the usage
 * @returns (when done) what was seen
 */
export async function* relayEvents(
  body: AsyncIterable<Uint8Array>,
  { hideUsage, now }: { hideUsage: boolean; now: () => Date },
): AsyncGenerator<Uint8Array, Streamed> {
  const observer = new Observer();
  const splitter = new SseSplitter();
  let firstTokenAt: Date | undefined;
  let done = false;
  const see = (event: Uint8Array): boolean => {
    const data = dataOf(event);
    if (data === "[DONE]") done = true;
    const value = parseJson(new TextEncoder().encode(data));
    if (observer.see(value)) firstTokenAt ??= now();
    return hideUsage && isUsageChunk(value);
  };
  let problem: GatewayRefusal | undefined;
  try {
    for await (const chunk of body) {
      for (const event of splitter.push(chunk)) if (!see(event)) yield event;
    }
    const rest = splitter.rest();
    if (rest.length > 0 && !see(rest)) yield rest;
    // An endpoint that closes politely in the middle has broken off all the same.
    if (!done && observer.stopReason === undefined) {
      problem = refusalOfFault("cut", "The model's endpoint ended its answer before it was whole.");
    }
  } catch (error) {
    problem =
      error instanceof UpstreamFailed
        ? refusalOfFault(error.fault, error.message)
        : refusalOfFault("cut", `The model's endpoint sent what cannot be read: ${messageOf(error)}.`);
  }
  if (problem !== undefined) yield eventOf(errorBody(problem));
  return { observer, firstTokenAt, problem };
}

function eventOf(data: object): Uint8Array {
  return new TextEncoder().encode(`data: ${JSON.stringify(data)}\n\n`);
}

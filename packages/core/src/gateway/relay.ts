/** Passing a stream of events on, byte for byte, while learning from it. */
import { messageOf } from "../error.ts";
import { parseBoundedJson } from "../json.ts";
import { UpstreamFailed } from "../ports.ts";
import { Observer, isUsageChunk } from "./observe.ts";
import { keyFinder } from "./redact.ts";
import { GatewayRefusal, errorBody, keyInAnswer, refusalOfFault, refusalOfProblem } from "./refusal.ts";
import { SseSplitter, dataOf } from "./sse.ts";
import { problemInAnswer } from "./upstream-answer.ts";

/** What was seen of a stream once it is over. */
export interface Streamed {
  readonly observer: Observer;
  /** When its first piece of an answer passed. */
  readonly firstTokenAt: Date | undefined;
  /** Why it is not whole. */
  readonly problem: GatewayRefusal | undefined;
  /** It was ended here, because it had become too long. */
  readonly cut: boolean;
}

export interface Relaying {
  /** Takes out the chunk that only holds the usage. */
  readonly hideUsage: boolean;
  /** A stream that holds it is broken off. */
  readonly key: string | undefined;
  /** Bytes of text after which the answer is ended, as an endpoint does that meets a limit. */
  readonly maxAnswerBytes: number;
  readonly now: () => Date;
}

/**
 * The stream as the client sees it. One that breaks off ends with an event that says why, in the shape that OpenAI's
 * clients throw as an error.
 * @returns (when done) what was seen
 */
export async function* relayEvents(
  body: AsyncIterable<Uint8Array>,
  { hideUsage, key, maxAnswerBytes, now }: Relaying,
): AsyncGenerator<Uint8Array, Streamed> {
  const observer = new Observer();
  const holdsKey = keyFinder(key);
  let firstTokenAt: Date | undefined;
  let done = false;
  let cut = false;
  let problem: GatewayRefusal | undefined;
  try {
    for await (const event of eventsIn(body)) {
      const data = dataOf(event);
      if (holdsKey(data)) throw keyInAnswer();
      if (data === "[DONE]") done = true;
      const value = parseBoundedJson(data);
      const failed = problemInAnswer(Object(value), data, key);
      if (failed !== undefined) throw refusalOfProblem(failed, 200);
      if (observer.see(value)) firstTokenAt ??= now();
      if (!hideUsage || !isUsageChunk(value)) yield event;
      cut = !done && observer.answerBytes > maxAnswerBytes;
      if (!cut) continue;
      observer.stopReason ??= "length";
      yield eventOf(lastChunk(value));
      yield new TextEncoder().encode("data: [DONE]\n\n");
      break;
    }
    // An endpoint that closes politely in the middle has broken off all the same.
    if (!done && observer.stopReason === undefined) {
      problem = refusalOfFault("cut", "The model's endpoint ended its answer before it was whole.");
    }
  } catch (error) {
    problem = problemOf(error);
  }
  if (problem !== undefined) yield eventOf(errorBody(problem));
  return { observer, firstTokenAt, problem, cut };
}

/** Each event as it came. An end of a stream that is no event is none of the client's either: it would spoil the next. */
async function* eventsIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const splitter = new SseSplitter();
  for await (const chunk of body) yield* splitter.push(chunk);
  const rest = splitter.rest();
  const data = dataOf(rest);
  if (data !== "[DONE]" && parseBoundedJson(data) === undefined) return;
  yield Buffer.concat([rest, new TextEncoder().encode("\n\n")]);
}

function problemOf(error: unknown): GatewayRefusal {
  if (error instanceof GatewayRefusal) return error;
  if (error instanceof UpstreamFailed) return refusalOfFault(error.fault, error.message);
  return refusalOfFault("cut", `The model's endpoint sent what cannot be read: ${messageOf(error)}.`);
}

/** The chunk that ends an answer for its length, made of the one before. */
function lastChunk(value: unknown): object {
  const { choices, ...rest } = Object(value) as { choices?: readonly { index?: unknown; text?: unknown }[] };
  const ended = (choices ?? []).map(({ index, text }) => ({
    index,
    ...(text === undefined ? { delta: {} } : { text: "" }),
    finish_reason: "length",
  }));
  return { ...rest, choices: ended };
}

function eventOf(data: object): Uint8Array {
  return new TextEncoder().encode(`data: ${JSON.stringify(data)}\n\n`);
}

/** What a program may ask of a model, and what becomes of it before it is sent on. Pure. */
import * as z from "zod";
import { maxJsonDepth, parseBoundedJson } from "../json.ts";
import { GatewayRefusal } from "./refusal.ts";
import { estimateTokens } from "./usage.ts";

export const gatewayOperations = ["chat/completions", "completions", "embeddings"] as const;
export type GatewayOperation = (typeof gatewayOperations)[number];

/** Of one request. Lambda takes no more than 6 MB. */
export const maxRequestBytes = 5 * 1024 * 1024;

/** A call as it is sent on. */
export interface CheckedCall {
  readonly operation: GatewayOperation;
  readonly body: Uint8Array;
  readonly promptBytes: number;
  readonly stream: boolean;
  /** The client did not ask for the chunk with the usage, so it is taken out of the stream. */
  readonly hideUsage: boolean;
  /** Of the prompt, by its length. */
  readonly inputTokens: number;
  /** How many it asks for. */
  readonly answers: number;
  /** Tokens of each, as far as the request limits them. */
  readonly outputLimit: number | undefined;
}

/**
 * The names of the limit of an answer, in the order in which they are tried: newer models of OpenAI know the second
 * alone, and say so; most other endpoints know the first.
 */
export const outputLimitNames = ["max_tokens", "max_completion_tokens"] as const;

const limit = z.number().int().positive().max(1e9).nullish();
const choices = z.number().int().min(1).max(128).nullish();
const bodySchema = z.looseObject({
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: limit,
  max_completion_tokens: limit,
  n: choices,
  best_of: choices,
});

/**
 * Checks a request's body and puts the run's model in it, whatever it named. A stream is asked to end with its usage.
 * @param model as the endpoint calls it
 * @throws GatewayRefusal `request_invalid`, `request_too_large`
 */
export function checkCall(operation: GatewayOperation, bytes: Uint8Array, model: string): CheckedCall {
  if (bytes.length > maxRequestBytes) {
    throw new GatewayRefusal("request_too_large", `A request has at most ${maxRequestBytes} bytes.`, {
      status: 413,
    });
  }
  const parsed = bodySchema.safeParse(parseBoundedJson(new TextDecoder().decode(bytes)));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join(".") ?? "";
    const what =
      where === ""
        ? `The body is no JSON object, or nested deeper than ${maxJsonDepth} levels.`
        : `\`${where}\` cannot be used: ${issue?.message}.`;
    throw new GatewayRefusal("request_invalid", what, { status: 400 });
  }
  // Priority costs more than the price list says.
  const { service_tier: _tier, ...asked } = parsed.data;
  const stream = operation !== "embeddings" && asked.stream === true;
  const options = { ...asked.stream_options, include_usage: true };
  const sent = { ...asked, model, ...(stream ? { stream_options: options } : {}) };
  const body = new TextEncoder().encode(JSON.stringify(sent));
  const outputLimit = asked.max_completion_tokens ?? asked.max_tokens ?? undefined;
  return {
    operation,
    body,
    promptBytes: bytes.length,
    stream,
    hideUsage: stream && asked.stream_options?.include_usage !== true,
    inputTokens: estimateTokens(bytes.length),
    answers: Math.max(asked.n ?? 1, asked.best_of ?? 1),
    outputLimit: operation === "embeddings" ? 0 : outputLimit,
  };
}

/** The body of a call whose answers are given a limit that the client did not set. */
export function withOutputLimit(
  { body }: CheckedCall,
  name: (typeof outputLimitNames)[number],
  limit: number,
) {
  const asked = JSON.parse(new TextDecoder().decode(body)) as object;
  return new TextEncoder().encode(JSON.stringify({ ...asked, [name]: limit }));
}

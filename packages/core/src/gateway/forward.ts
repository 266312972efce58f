/** Sending a call on to its endpoint, and reading an answer that is no stream. */
import { parseBoundedJson } from "../json.ts";
import { endpointHeaders } from "../model/endpoint.ts";
import type { Ports, UpstreamResponse } from "../ports.ts";
import type { Grant } from "./access.ts";
import { readBody } from "./body.ts";
import { Observer } from "./observe.ts";
import { keyFinder, redact } from "./redact.ts";
import { type GatewayRefusal, keyInAnswer, refusalOfProblem, unreadable } from "./refusal.ts";
import { type CheckedCall, outputLimitNames, withOutputLimit } from "./request.ts";
import { isAboutLimit, problemInAnswer, problemOfAnswer, retryAfterOf } from "./upstream-answer.ts";

/** Of an answer that is not streamed. */
const maxAnswerBytes = 32 * 1024 * 1024;
const maxProblemBytes = 64 * 1024;

export interface Outgoing {
  readonly grant: Grant;
  readonly key: string | undefined;
  readonly checked: CheckedCall;
  /** A limit that the client did not set, tokens of each answer. */
  readonly limit: number | undefined;
  /** Ends the call. */
  readonly signal: AbortSignal;
}

/**
 * Sends the call. A limit of ours goes by the first name that the endpoint takes. An endpoint that takes it by none says
 * that it is more than its model can answer, or has no such limit: it is asked as the client asked.
 * @returns the answer, and the limit it was given under
 * @throws GatewayRefusal for an answer that is no success; UpstreamFailed
 */
export async function forward(
  ports: Pick<Ports, "upstream" | "clock">,
  { grant, key, checked, limit, signal }: Outgoing,
): Promise<{ response: UpstreamResponse; limit: number | undefined }> {
  const send = (body: Uint8Array) =>
    ports.upstream.send({
      method: "POST",
      url: `${grant.baseUrl}/${checked.operation}`,
      headers: endpointHeaders(key),
      body,
      signal,
    });
  for (const name of limit === undefined ? [] : outputLimitNames) {
    const response = await send(withOutputLimit(checked, name, limit ?? 0));
    const refusal = await refusalOf(response, key, ports.clock.now());
    if (refusal === undefined) return { response, limit };
    if (!isAboutLimit(refusal)) throw refusal;
  }
  const response = await send(checked.body);
  const refusal = await refusalOf(response, key, ports.clock.now());
  if (refusal !== undefined) throw refusal;
  return { response, limit: undefined };
}

/** Undefined for a success. */
async function refusalOf(
  { status, headers, body }: UpstreamResponse,
  key: string | undefined,
  now: Date,
): Promise<GatewayRefusal | undefined> {
  if (status >= 200 && status < 300) return undefined;
  const { bytes } = await readBody(body, maxProblemBytes);
  const problem = problemOfAnswer(status, new TextDecoder().decode(bytes), key);
  return problem && refusalOfProblem(problem, status, retryAfterOf(headers["retry-after"], now));
}

/** The whole of an answer, and what it tells. @throws GatewayRefusal `upstream_unreadable`; UpstreamFailed */
export async function readAnswer(
  response: UpstreamResponse,
  key: string | undefined,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; text: string; observer: Observer }> {
  const { bytes, whole } = await readBody(response.body, maxAnswerBytes);
  const text = new TextDecoder().decode(bytes);
  const value = parseBoundedJson(text);
  if (!whole || typeof value !== "object" || value === null || Array.isArray(value)) {
    const type =
      redact(response.headers["content-type"] ?? "", key)
        .split(";", 1)[0]
        ?.trim() ?? "";
    const known = /^[\w.+-]+\/[\w.+-]+$/.test(type) ? ` (${type.slice(0, 100)})` : "";
    throw unreadable(`The model's endpoint answered with what is no JSON object${known}.`, true);
  }
  const problem = problemInAnswer(value, text, key);
  if (problem !== undefined) throw refusalOfProblem(problem, response.status);
  if (keyFinder(key)(text)) throw keyInAnswer();
  const observer = new Observer();
  observer.see(value);
  return { bytes, text, observer };
}

/** One chat completion, asked outside of a run. That the endpoint gives none is a result like any other. */
import { readBody } from "../gateway/body.ts";
import { keyFinder } from "../gateway/redact.ts";
import { keyInAnswer } from "../gateway/refusal.ts";
import { outputLimitNames } from "../gateway/request.ts";
import {
  type UpstreamProblem,
  isAboutLimit,
  problemInAnswer,
  problemOfAnswer,
} from "../gateway/upstream-answer.ts";
import { parseBoundedJson } from "../json.ts";
import { type Ports, UpstreamFailed } from "../ports.ts";
import type { Model } from "../wire/api.ts";
import { endpointHeaders } from "./endpoint.ts";

const maxAnswerBytes = 1024 * 1024;

/** A model, and what opens it. */
export interface KeyedModel {
  readonly model: Model;
  readonly key: string | undefined;
}

export interface Question {
  readonly messages: readonly object[];
  readonly maxOutputTokens?: number;
  /** Ends the call: the endpoint is slow then. */
  readonly signal: AbortSignal;
}

export interface Completion {
  /** Absent when the endpoint gave none. */
  readonly status?: number;
  /** What it said, parsed; undefined when that is no JSON. */
  readonly answer?: unknown;
  /** Of the answer. */
  readonly bytes?: number;
  readonly problem?: UpstreamProblem;
}

/** Asks once; a second time only where the endpoint takes the limit by its other name. */
export async function complete(
  { upstream }: Pick<Ports, "upstream">,
  { model, key }: KeyedModel,
  { messages, maxOutputTokens, signal }: Question,
): Promise<Completion> {
  const ask = async (limit: object): Promise<Completion> => {
    try {
      const { status, body } = await upstream.send({
        method: "POST",
        url: `${model.baseUrl}/chat/completions`,
        headers: endpointHeaders(key),
        body: new TextEncoder().encode(JSON.stringify({ model: model.model, messages, ...limit })),
        signal,
      });
      const { bytes } = await readBody(body, maxAnswerBytes);
      const text = new TextDecoder().decode(bytes);
      const answer = parseBoundedJson(text);
      const problem =
        problemOfAnswer(status, text, key) ?? problemInAnswer(Object(answer), text, key) ?? leakIn(text, key);
      return problem === undefined ? { status, answer, bytes: bytes.length } : { status, problem };
    } catch (error) {
      return { problem: problemOfFault(error, signal) };
    }
  };
  if (maxOutputTokens === undefined) return ask({});
  const [first, second] = outputLimitNames;
  const completion = await ask({ [first]: maxOutputTokens });
  const { problem } = completion;
  return problem !== undefined && isAboutLimit(problem) ? ask({ [second]: maxOutputTokens }) : completion;
}

/** The message of an answer's first choice; undefined when it is not as OpenAI's chat completions are. */
export function messageOfAnswer(answer: unknown): { readonly content?: unknown } | undefined {
  const { choices } = Object(answer) as { choices?: unknown };
  const [first] = Array.isArray(choices) ? (choices as unknown[]) : [];
  const { message } = Object(first) as { message?: unknown };
  return typeof message === "object" && message !== null ? message : undefined;
}

function leakIn(text: string, key: string | undefined): UpstreamProblem | undefined {
  return keyFinder(key)(text) ? { code: "upstream_unreadable", message: keyInAnswer().message } : undefined;
}

function problemOfFault(error: unknown, signal: AbortSignal): UpstreamProblem {
  if (error instanceof UpstreamFailed) return { code: `upstream_${error.fault}`, message: error.message };
  if (!signal.aborted) throw error;
  return {
    code: "upstream_slow",
    message: "The model's endpoint did not answer in time.",
    hint: "Take a faster model, or try later.",
  };
}

/** Completions in the two shapes of OpenAI's API: one object, or chunks as server-sent events. Pure. */
import { createHash } from "node:crypto";
import type { Completion } from "./completion.ts";

/** Fixed, so that equal requests are answered with equal bytes. */
const created = 1_700_000_000;
const charactersPerChunk = 8;

interface Head {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

function headOf(model: string, completion: Completion): Head {
  const id = createHash("sha256")
    .update(JSON.stringify([model, completion]))
    .digest("hex")
    .slice(0, 16);
  return { id: `chatcmpl-${id}`, created, model };
}

export function answerObject(model: string, completion: Completion) {
  const { content, refusal, toolCalls, finishReason, usage } = completion;
  const message = {
    role: "assistant",
    content,
    refusal: refusal ?? null,
    ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls }),
  };
  return {
    ...headOf(model, completion),
    object: "chat.completion",
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage,
  };
}

/** Each with its two line ends; the last is `[DONE]`. */
export function answerChunks(model: string, completion: Completion, includeUsage: boolean): string[] {
  const head = { ...headOf(model, completion), object: "chat.completion.chunk" };
  const chunk = (delta: object, finish: string | null = null) =>
    event({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] });
  const { content, refusal, toolCalls, finishReason, usage } = completion;
  return [
    chunk({ role: "assistant", content: "" }),
    ...piecesOf(content ?? "").map((piece) => chunk({ content: piece })),
    ...piecesOf(refusal ?? "").map((piece) => chunk({ refusal: piece })),
    ...toolCalls.map((call, index) => chunk({ tool_calls: [{ index, ...call }] })),
    chunk({}, finishReason),
    ...(includeUsage ? [event({ ...head, choices: [], usage })] : []),
    "data: [DONE]\n\n",
  ];
}

function event(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += charactersPerChunk)
    pieces.push(text.slice(at, at + charactersPerChunk));
  return pieces;
}

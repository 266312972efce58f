/** A chat completion as OpenAI's API gives it, worked out from the request. Pure. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { nextAction } from "./agent.ts";
import { mistake, solve } from "./answer.ts";
import { judge } from "./judge.ts";

export interface SolverSkill {
  /** Share of prompts answered wrongly, from 0 to 1: always the same ones for a seed. */
  readonly errorRate: number;
  /** Share of prompts it will not answer. */
  readonly refusalRate: number;
  readonly seed: string;
}

const messageSchema = z.looseObject({ role: z.string(), content: z.unknown() });

export const chatRequestSchema = z.looseObject({
  model: z.string(),
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).nullish(),
});
export type ChatRequest = z.infer<typeof chatRequestSchema>;

export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

export interface Completion {
  readonly content: string | null;
  readonly refusal?: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: "stop" | "length" | "tool_calls";
  readonly usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}

/** The tool it asks for a sum, where it is offered. */
const calculator = "calculator";

/** What the solver says to a request. The same request gets the same answer. */
export function complete(request: ChatRequest, skill: SolverSkill): Completion {
  const prompt = promptOf(request);
  const promptTokens = tokensIn(request.messages.map(({ content }) => textOf(content)).join("\n"));
  const said = (completion: Omit<Completion, "usage">): Completion => {
    const written =
      (completion.content ?? "") + (completion.refusal ?? "") + JSON.stringify(completion.toolCalls);
    const completion_tokens =
      completion.toolCalls.length === 0 ? tokensIn(completion.content ?? "") : tokensIn(written);
    return {
      ...completion,
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens,
        total_tokens: promptTokens + completion_tokens,
      },
    };
  };
  if (chance(skill.seed, "refuse", prompt) < skill.refusalRate) {
    const refusal = "I'm sorry, but I can't help with that.";
    return said({ content: null, refusal, toolCalls: [], finishReason: "stop" });
  }
  const wrong = chance(skill.seed, "err", prompt) < skill.errorRate;
  const action = actionFor(request, prompt, wrong);
  if (action === "done") return said({ content: "Done.", toolCalls: [], finishReason: "stop" });
  const toolCall = action ?? toolCallFor(request, prompt, skill);
  if (toolCall !== undefined)
    return said({ content: null, toolCalls: [toolCall], finishReason: "tool_calls" });
  const right = toolResult(request) ?? solve(prompt);
  const answer =
    judge(prompt, wrong) ?? (right === undefined ? "I don't know." : wrong ? mistake(right) : right);
  const most =
    (request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY) * charactersPerToken;
  const cut = answer.length > most;
  return said({
    content: cut ? answer.slice(0, most) : answer,
    toolCalls: [],
    finishReason: cut ? "length" : "stop",
  });
}

/** What the last user message asks. */
export function promptOf({ messages }: ChatRequest): string {
  return textOf(messages.findLast(({ role }) => role === "user")?.content);
}

/** A text, or the texts among the parts of a message. */
function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: { text?: unknown }) => (typeof part.text === "string" ? part.text : ""))
    .join("\n");
}

/** The next call of an order it carries out, turn by turn. */
function actionFor(request: ChatRequest, prompt: string, errs: boolean): ToolCall | "done" | undefined {
  const asked = request.messages.findLastIndex(({ role }) => role === "user");
  const answers = request.messages.slice(asked + 1).filter(({ role }) => role === "tool");
  const results = answers.map(({ content }) => textOf(content).trim());
  const offered = (request.tools ?? []).map((tool) => tool.function.name);
  const action = nextAction(prompt, offered, { results, errs });
  if (action === undefined || action === "done") return action;
  const id = `call_${digest(prompt, String(results.length)).slice(0, 12)}`;
  return {
    id,
    type: "function",
    function: { name: action.tool, arguments: JSON.stringify(action.arguments) },
  };
}

/** Asks for the calculator when it is offered one, and was not answered by it yet. */
function toolCallFor(request: ChatRequest, prompt: string, skill: SolverSkill): ToolCall | undefined {
  const offered = request.tools?.some((tool) => tool.function.name === calculator) ?? false;
  if (!offered || toolResult(request) !== undefined) return undefined;
  const expression = /[\d(][\d\s.+*/()-]*\d\)*/.exec(prompt)?.[0];
  if (expression === undefined) return undefined;
  const id = `call_${digest(skill.seed, expression).slice(0, 12)}`;
  return { id, type: "function", function: { name: calculator, arguments: JSON.stringify({ expression }) } };
}

function toolResult({ messages }: ChatRequest): string | undefined {
  const last = messages.at(-1);
  return last?.role === "tool" ? textOf(last.content).trim() : undefined;
}

const charactersPerToken = 4;

function tokensIn(text: string): number {
  return Math.ceil(text.length / charactersPerToken);
}

/** From 0 to 1, the same for the same words. */
function chance(...words: string[]): number {
  return Number.parseInt(digest(...words).slice(0, 8), 16) / 0x1_0000_0000;
}

function digest(...words: string[]): string {
  return createHash("sha256").update(JSON.stringify(words)).digest("hex");
}

/** Prompts and answers as chat APIs have them. Pure. */
import { textOf } from "../case/text.ts";
import type { CaseLine } from "../wire/case.ts";

export interface ChatMessage {
  readonly role: string;
  readonly [field: string]: unknown;
}

/** The roles that chat APIs know. */
const roles = new Set(["system", "developer", "user", "assistant", "tool"]);

/** What the model was asked: a text is what the user said. Undefined where there is no input, or one of another kind. */
export function promptOf({ input }: CaseLine): readonly ChatMessage[] | undefined {
  if (typeof input === "string") return input === "" ? undefined : [{ role: "user", content: input }];
  if (!Array.isArray(input) || input.length === 0) return undefined;
  return input.every(({ role }) => roles.has(role)) ? input : undefined;
}

/** What it answered, as messages. Undefined where there is no text in it. */
export function completionOf({ output }: CaseLine): readonly ChatMessage[] | undefined {
  const text = textOf(output);
  return text === "" ? undefined : [assistant(text)];
}

/** The expected answer, the first of several right ones. */
export function targetOf({ target }: CaseLine): string | undefined {
  const first = Array.isArray(target) ? target[0] : target;
  return first === undefined || first === null || first === "" ? undefined : first;
}

export function assistant(content: string): ChatMessage {
  return { role: "assistant", content };
}

/**
 * Messages as Inspect has them: a tool call names its function and has its arguments as an object. Undefined where a
 * message has parts other than text, which each tool writes in a way of its own.
 */
export function toInspect(messages: readonly ChatMessage[]): readonly ChatMessage[] | undefined {
  const converted = messages.map(({ content, tool_calls: calls, ...rest }): ChatMessage | undefined => {
    if (!isText(content)) return undefined;
    return {
      ...rest,
      content: content ?? "",
      ...(Array.isArray(calls) && { tool_calls: calls.map(inspectCall) }),
    };
  });
  return converted.every((message) => message !== undefined) ? converted : undefined;
}

function isText(content: unknown): boolean {
  if (!Array.isArray(content))
    return content === undefined || content === null || typeof content === "string";
  return content.every((part: unknown) => (part as { type?: unknown } | null)?.type === "text");
}

/** Messages as verifiers saves them: a tool call has its name and its arguments, as text, beside its id. */
export function toVerifiers(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return messages.map(({ tool_calls: calls, ...rest }) => ({
    ...rest,
    ...(Array.isArray(calls) && {
      tool_calls: calls.map((call) => {
        const { id, name, given } = callOf(call);
        return { id, name, arguments: typeof given === "string" ? given : JSON.stringify(given ?? {}) };
      }),
    }),
  }));
}

/** A tool call as chat APIs have it. */
function callOf(call: unknown): { id: string; name: string; given: unknown } {
  const { id, function: called } = Object(call) as { id?: unknown; function?: unknown };
  const { name, arguments: given } = Object(called) as { name?: unknown; arguments?: unknown };
  return { id: String(id), name: String(name), given };
}

function inspectCall(call: unknown): object {
  const { id, name, given } = callOf(call);
  return { id, type: "function", function: name, arguments: argumentsOf(given) };
}

/** Chat APIs have arguments as the text that the model wrote, which need not be JSON. */
function argumentsOf(given: unknown): object {
  try {
    const parsed: unknown = typeof given === "string" ? JSON.parse(given) : given;
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return { text: given };
  }
}

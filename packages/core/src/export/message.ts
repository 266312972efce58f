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

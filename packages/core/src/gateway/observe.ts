/** What is learnt from a model's answer while it passes through. Pure. */
import { type Usage, readUsage } from "./usage.ts";

interface Choice {
  readonly finish_reason?: unknown;
  readonly text?: unknown;
  readonly delta?: object;
  readonly message?: object;
}

/** Gathers usage, stop reason and the length of the answer from a body, or from the chunks of a stream. */
export class Observer {
  usage: Usage | undefined;
  stopReason: string | undefined;
  /** Of the text in the answer: for an estimate, where the endpoint does not count. */
  answerBytes = 0;

  /** @returns whether it held a part of the answer itself */
  see(value: unknown): boolean {
    this.usage = readUsage(value) ?? this.usage;
    let said = false;
    for (const choice of choicesOf(value)) {
      const reason = choice.finish_reason;
      if (typeof reason === "string") this.stopReason ??= reason.slice(0, 64);
      const part = choice.delta ?? choice.message;
      // OpenAI's API ends a refusal as it ends an answer, by `stop`; clients that read the content see an empty one.
      if (hasRefusal(part)) this.stopReason = "refusal";
      const length = textLength(part ?? choice.text);
      this.answerBytes += length;
      said ||= length > 0;
    }
    return said;
  }
}

function choicesOf(value: unknown): Choice[] {
  const { choices } = Object(value) as { choices?: unknown };
  return Array.isArray(choices)
    ? choices.filter((choice) => typeof choice === "object" && choice !== null)
    : [];
}

function hasRefusal(part: object | undefined): boolean {
  const { refusal } = Object(part) as { refusal?: unknown };
  return typeof refusal === "string" && refusal !== "";
}

/** Bytes of all texts in a part of an answer, the names of roles aside: content, refusals, reasoning, tool calls. */
function textLength(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, part]) => sum + (key === "role" ? 0 : textLength(part)), 0);
}

/** Whether a chunk holds nothing but the usage that was asked for on the client's behalf. */
export function isUsageChunk(value: unknown): boolean {
  const { choices, usage } = Object(value) as { choices?: unknown; usage?: unknown };
  return Array.isArray(choices) && choices.length === 0 && typeof usage === "object" && usage !== null;
}

/** The texts of a case, as people read and search them. Pure. */
import type { CaseLine } from "../wire/case.ts";

type Messages = CaseLine["input"] | CaseLine["output"];

/** A text as it is; of chat messages what each says, the roles left out. */
export function textOf(value: Messages): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  const messages = Array.isArray(value) ? value : [value];
  return messages.map((message) => contentOf(message["content"])).join("\n");
}

/** Of a prompt, the question: what the user said last. */
export function questionOf(value: CaseLine["input"]): string {
  if (!Array.isArray(value)) return textOf(value);
  const asked = value.findLast(({ role }) => role === "user") ?? value.at(-1);
  return asked === undefined ? "" : contentOf(asked["content"]);
}

export function targetText(value: CaseLine["target"]): string {
  return Array.isArray(value) ? value.join(" | ") : (value ?? "");
}

/** A message's content: a text, or parts of which those with a text count. */
export function contentOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: unknown) => (typeof part === "object" && part !== null && "text" in part ? part.text : ""))
    .filter((part) => typeof part === "string")
    .join("\n");
}

/** Cut to so many UTF-16 code units, never through a character; undefined when it is empty. */
export function snippet(value: string, length: number): string | undefined {
  const kept = value.slice(0, length);
  if (kept === "") return undefined;
  const whole = kept.length < value.length && /[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept;
  return kept.length < value.length ? `${whole.toWellFormed()}…` : whole.toWellFormed();
}

/** Everything a search looks through, in lower case. */
export function searchText(line: CaseLine): string {
  const texts = [
    line.id,
    textOf(line.input),
    textOf(line.output),
    targetText(line.target),
    line.extracted_answer ?? "",
    line.explanation ?? "",
    line.error?.type ?? "",
    line.error?.message ?? "",
    line.failure?.detail ?? "",
  ];
  return texts.join("\n").toLowerCase();
}

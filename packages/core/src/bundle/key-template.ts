/** Column keys that a program puts together, as far as its text shows it: `f"{split}_f1"`, `"%s_f1" % split`. */

/** Literals longer than a key could be are messages. */
const literal = /"([^"\\\n]{1,100})"|'([^'\\\n]{1,100})'|`([^`\\\n]{1,100})`/g;
/** What formatting fills in: `{}`, `{name}`, `${name}`, `%s`. */
const placeholder = /\$?\{[^{}]*\}|%[sd]/;

/** Whether a literal of the text, its placeholders filled in, could be one of the keys. */
export function composesAny(text: string, keys: readonly string[]): boolean {
  for (const match of text.matchAll(literal)) {
    const parts = (match[1] ?? match[2] ?? match[3] ?? "").split(placeholder);
    // A placeholder alone could be anything, and says nothing.
    if (parts.length < 2 || parts.every((part) => part === "")) continue;
    if (keys.some((key) => fits(key, parts))) return true;
  }
  return false;
}

/** Whether the key is the parts, in order, with something before, between or after them where a placeholder was. */
function fits(key: string, parts: readonly string[]): boolean {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (!key.startsWith(first) || !key.endsWith(last)) return false;
  let from = first.length;
  for (const part of parts.slice(1, -1)) {
    const at = key.indexOf(part, from + 1);
    if (at === -1) return false;
    from = at + part.length;
  }
  return key.length - last.length > from;
}

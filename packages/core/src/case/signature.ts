/** What texts that say the same have in common. Pure. */

const maxRead = 600;
const maxSignature = 160;

// In this order: a date is made of numbers, and an id may hold some. Each is linear in the length of the text.
const variable: readonly (readonly [RegExp, string])[] = [
  [/\bhttps?:\/\/[^\s"'<>]+/g, "<url>"],
  [/"[^"\n]*"|`[^`\n]*`|“[^”\n]*”|(?<![\p{L}\p{N}])'[^'\n]*'(?![\p{L}\p{N}])/gu, "<text>"],
  [/(?:\/[\w.@-]+){2,}/g, "<path>"],
  [/\b(?=[\da-f-]*\d)[\da-f]{8,}(?:-[\da-f]{4,}){0,4}\b/g, "<id>"],
  [/\b[a-z]+[-_][\da-z]*\d[\da-z]*\b/g, "<id>"],
  [/\d+(?:[.,:]\d+)*(?:e[+-]?\d+)?/g, "<number>"],
  [/\s+/g, " "],
];

/**
 * The text without what changes from case to case: addresses, quotations, paths, ids, numbers, case, spaces. Texts that
 * differ only in those have equal signatures. At most 160 characters, of the first 600.
 */
export function signatureOf(text: string): string {
  let reduced = text.slice(0, maxRead).toLowerCase();
  for (const [pattern, name] of variable) reduced = reduced.replaceAll(pattern, name);
  return reduced.trim().slice(0, maxSignature).toWellFormed();
}

/**
 * A value as one line of JSON that every reader takes. JSON can say half a character (`\ud83d` alone), as a model's answer
 * that was cut through one has it; UTF-8 cannot, and tools in Python refuse the whole file for one: it becomes U+FFFD.
 * Pure.
 */
export function jsonLine(value: object): string {
  const line = JSON.stringify(value);
  // Whole characters are never escaped. An escaped backslash is taken first: what follows it is text.
  return line.includes("\\ud") ? line.replaceAll(halfCharacter, replacement) : line;
}

const halfCharacter = /\\(?:\\|ud[89a-f][\da-f]{2})/g;

function replacement(escaped: string): string {
  return escaped === "\\\\" ? escaped : "\ufffd";
}

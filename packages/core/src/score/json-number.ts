/** JSON as numeric programs write it: Python's `json.dump` writes bare `NaN` and `Infinity`, which no JSON has. */

const bareWords = ["NaN", "-Infinity", "Infinity"] as const;

/**
 * `JSON.parse`, where a bare `NaN`, `Infinity` or `-Infinity` reads as the string of that name, so that one such value
 * does not make the others unreadable.
 * @throws SyntaxError
 */
export function parseJsonWithBareNumbers(text: string, reviver?: Parameters<typeof JSON.parse>[1]): unknown {
  try {
    return JSON.parse(text, reviver);
  } catch (error) {
    if (!bareWords.some((word) => text.includes(word))) throw error;
    return JSON.parse(quoteBareWords(text), reviver);
  }
}

/** One pass, by hand: a regular expression for JSON strings backtracks quadratically on an unterminated one. */
function quoteBareWords(text: string): string {
  const parts: string[] = [];
  let copied = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at++;
      else if (character === '"') inString = false;
      continue;
    }
    if (character === '"') {
      inString = true;
      continue;
    }
    const word = bareWords.find((candidate) => text.startsWith(candidate, at));
    if (word === undefined) continue;
    parts.push(text.slice(copied, at), `"${word}"`);
    at += word.length - 1;
    copied = at + 1;
  }
  parts.push(text.slice(copied));
  return parts.join("");
}

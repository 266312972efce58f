import { InvalidInput } from "../error.ts";

const whitespace = new Set([" ", "\t", "\r", "\n"]);

/**
 * Splits a command into words exactly as Python's `shlex.split(command)` does, which is what the upstream worker
 * runs: single quotes keep everything; double quotes let a backslash escape only `"` and `\`; outside quotes a backslash
 * escapes any character. Nothing is expanded: `&&`, `|`, `*` and `~` are ordinary characters.
 * @throws InvalidInput `command_unreadable` for a quote that is never closed or a backslash at the end
 */
export function splitCommand(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let position = 0; position < command.length; position++) {
    const character = command.charAt(position);
    if (quote === undefined && whitespace.has(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === quote) {
      quote = undefined;
    } else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      // An empty pair of quotes is a word too.
      word ??= "";
    } else if (character === "\\" && quote !== "'") {
      position++;
      word = (word ?? "") + unescape(command, position, quote);
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== undefined) {
    throw unreadable(command, `a ${quote} is opened and never closed`);
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** What a backslash followed by the character at `position` stands for. */
function unescape(command: string, position: number, quote: string | undefined): string {
  if (position >= command.length) throw unreadable(command, "it ends in a backslash");
  const character = command.charAt(position);
  const escapes = quote === undefined || character === quote || character === "\\";
  return escapes ? character : `\\${character}`;
}

function unreadable(command: string, why: string): InvalidInput {
  return new InvalidInput(
    "command_unreadable",
    `The command cannot be split into words: ${why}: ${command}`,
    {
      hint: "Quote as in a shell: python3 score.py 'one argument with spaces'.",
    },
  );
}

/**
 * Quoted texts over several lines whose later lines are not indented. YAML 1.2 wants them deeper than their key; the
 * reader of the upstream platform (PyYAML) does not, so public bundles have them. Indentation inside quotes is no part
 * of the text: adding it changes nothing but what a strict reader accepts.
 */
import { Lexer, type YAMLParseError } from "yaml";

/** Spaces added for one text, at most: a long line of many lines would otherwise grow without end. */
const maxIndentation = 64 * 1024;

/** What the lexer puts between the pieces of the text: no part of it. */
const marks = new Set(["\u0002", "\u0018", "\u001f"]);

/**
 * The text with the later lines of one quoted text indented, so that no line changes its number, and where it begins.
 * @returns undefined when that is not what the error is about
 */
export function indentQuoted(
  text: string,
  error: YAMLParseError,
): { readonly text: string; readonly start: number } | undefined {
  if (error.code !== "MISSING_CHAR") return undefined;
  const start = pieceEndingAt(text, error.pos[0]);
  if (start === undefined) return undefined;
  const end = closingQuote(text, start);
  if (end === undefined) return undefined;
  const column = start - (text.lastIndexOf("\n", start) + 1);
  const lines = text.slice(start, end).split("\n");
  if (column * lines.length > maxIndentation) return undefined;
  const deeper = lines.map((line, index) => (index === 0 ? line : " ".repeat(column + 1) + line));
  return { start, text: text.slice(0, start) + deeper.join("\n") + text.slice(end) };
}

/** Where the piece begins that the lexer gave up at. */
function pieceEndingAt(text: string, end: number): number | undefined {
  let at = 0;
  for (const piece of new Lexer().lex(text)) {
    if (marks.has(piece)) continue;
    if (at + piece.length === end && /^["']/.test(piece)) return at;
    at += piece.length;
    if (at > end) return undefined;
  }
  return undefined;
}

/** The place of the quote that ends the text quoted from `start`. */
function closingQuote(text: string, start: number): number | undefined {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\" && quote === '"') at++;
    else if (text[at] === quote) {
      if (quote === '"' || text[at + 1] !== quote) return at;
      at++;
    }
  }
  return undefined;
}

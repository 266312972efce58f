/** The YAML parser's errors in plain words, with the line as it should read where that can be told. */
import type { ErrorCode, YAMLParseError } from "yaml";

const explained: Readonly<Partial<Record<ErrorCode, { message: string; hint?: string; quote?: true }>>> = {
  TAB_AS_INDENT: {
    message: "YAML is indented with spaces; this line has a tab.",
    hint: "Replace the tab by two spaces.",
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'The value contains ": ", which begins another mapping unless it stands in quotes.',
    quote: true,
  },
  BAD_SCALAR_START: {
    message: "A value cannot start with this character unless it stands in quotes.",
    quote: true,
  },
  RESOURCE_EXHAUSTION: {
    message: "Lists or mappings are nested too deeply to be read.",
    hint: "Look for brackets that are opened and never closed.",
  },
  MULTIPLE_DOCS: {
    message: 'The file holds more than one YAML document (a line "---" starts another).',
    hint: 'Remove the line "---" and keep one document.',
  },
};

const hints: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_INDENT: "Give the keys of one mapping the same number of leading spaces.",
  MISSING_CHAR: "Look for a missing colon, quote or bracket on this line or the one before.",
};

/** Message and hint for a syntax error; `line` counts from 1. */
export function syntaxFinding(
  error: YAMLParseError,
  text: string,
  line: number,
): { message: string; hint?: string } {
  const written = text.split(/\r?\n/, line)[line - 1] ?? "";
  const corrected = quoted(written);
  const quoting = corrected === undefined ? {} : { hint: `Write it in quotes: ${corrected}` };
  const known = explained[error.code];
  if (known !== undefined) {
    const { quote, ...finding } = known;
    return { ...finding, ...(quote === true ? quoting : {}) };
  }
  const said = firstSentence(error.message).replace(
    /^Missing closing (["'])quote$/,
    "a $1 is opened and never closed",
  );
  const message = `This is not valid YAML: ${said}.`;
  const hint = hints[error.code];
  return { message, ...(hint === undefined ? {} : { hint }) };
}

/** The line `key: value` with its value in quotes; undefined when it is not of that shape or is quoted already. */
export function quoted(line: string): string | undefined {
  // Too long to show; and the pattern would take quadratic time over a megabyte of spaces.
  if (line.length > 300) return undefined;
  const match = /^(\s*(?:- )?[\w.-]+:\s+)([^'"|>&*[{\s].*?)\s*$/.exec(line);
  if (match === null) return undefined;
  return `${match[1]!.trimStart()}'${match[2]!.replaceAll("'", "''")}'`;
}

function firstSentence(message: string): string {
  return message.split(/ at line |\n/)[0]!.replace(/[.:]\s*$/, "");
}

/** `results.jsonl` as cases, one at a time. */
import type { CaseFailure, CaseLine, CaseOutcome } from "../wire/case.ts";
import type { Finding } from "../wire/finding.ts";
import { failureOf } from "./failure.ts";
import { type ByteLine, splitLines } from "./line.ts";
import { outcomeOf } from "./outcome.ts";
import { parseLine } from "./parse-line.ts";

/** A longer line is reported and passed over. */
export const maxLineBytes = 4 * 1024 * 1024;

export const resultsFile = "results.jsonl";

export interface ReadCase {
  readonly line: CaseLine;
  readonly outcome: CaseOutcome;
  readonly failure: CaseFailure | undefined;
  /** From 1. */
  readonly number: number;
  /** Bytes. */
  readonly offset: number;
  readonly length: number;
}

/**
 * Every case that can be read, in order. What cannot is told: an error for a line without a case in it, a warning for a
 * field that is left out and for a torn last line. Blank lines are nothing.
 * @param report called for each finding, before the case it is about
 */
export async function* readCases(
  stream: AsyncIterable<Uint8Array>,
  report: (finding: Finding) => void,
): AsyncGenerator<ReadCase> {
  for await (const line of splitLines(stream, maxLineBytes)) {
    const { bytes, number, offset, length } = line;
    if (bytes === undefined) {
      report(
        lineFinding(line, "case.line_too_long", `has ${length} bytes; at most ${maxLineBytes} are read`),
      );
      continue;
    }
    if (isBlank(bytes)) continue;
    const parsed = parseLine(bytes);
    if (typeof parsed === "string") {
      // A program that was stopped leaves half a line: it is told of, and costs nothing.
      report(
        line.ended
          ? unreadable(line, parsed)
          : { ...lineFinding(line, "case.line_torn", "breaks off and is passed over"), level: "warning" },
      );
      continue;
    }
    for (const [path, why] of parsed.unusable) {
      report({
        ...lineFinding(line, "case.field_unusable", `has a "${path}" that is left out: ${why}`),
        level: "warning",
        path,
      });
    }
    const outcome = outcomeOf(parsed);
    yield { line: parsed.line, outcome, failure: failureOf(parsed.line, outcome), number, offset, length };
  }
}

/** Where already the first line is none, the file is mostly of another kind: a list, or JSON over several lines. */
function unreadable(line: ByteLine, what: string): Finding {
  const finding = lineFinding(line, "case.line_unreadable", what);
  if (line.number !== 1) return finding;
  const hint = "Write one JSON object a line, in UTF-8: no list around them, and no line ends inside.";
  return { ...finding, hint };
}

/** A finding about a line. */
export function lineFinding({ number }: Pick<ByteLine, "number">, code: string, what: string): Finding {
  return {
    level: "error",
    code,
    file: resultsFile,
    line: number,
    message: `Line ${number} ${what}.`.slice(0, 500),
  };
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

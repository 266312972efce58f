import type { ColumnResult, UnscoredCode } from "./score.ts";

/**
 * A decimal number as JSON, C, Python and spreadsheets write one: sign, digits, point, exponent. Not hexadecimal, no
 * digit separators, no comma, no per cent sign: what those mean is a guess, and a guess must not be ranked.
 */
const decimal = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const notFinite = /^[+-]?\.?(?:nan|inf|infinity)$/i;

/** Longer strings hold no number anyone means, and would not fit a message. */
const maxNumericCharacters = 64;

/** Reads what stands under a column's key. Booleans are 1 and 0, numeric strings are numbers (contract §5). */
export function readNumber(value: unknown, file: string): ColumnResult {
  if (typeof value === "boolean") return { value: value ? 1 : 0 };
  if (typeof value === "number") return finite(value, value, file);
  if (typeof value === "string") {
    const text = value.length <= maxNumericCharacters ? value.trim() : "";
    if (decimal.test(text)) return finite(Number(text), text, file);
    if (notFinite.test(text)) return unscored("not_finite", `${file} holds ${text}, which cannot be ranked.`);
  }
  return unscored("not_a_number", `${file} holds ${describe(value)}, which is not a number.`);
}

function finite(value: number, shown: number | string, file: string): ColumnResult {
  // Adding 0 makes -0 a plain 0: the two are equal everywhere, so they must not differ when stored.
  if (Number.isFinite(value)) return { value: value + 0 };
  return unscored("not_finite", `${file} holds ${shown}, which cannot be ranked.`);
}

function unscored(code: UnscoredCode, message: string): ColumnResult {
  return { unscored: { code, message } };
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return `the text ${quoted(value)}`;
  return Array.isArray(value) ? "a list" : "an object";
}

/** A stranger's text, short and with its control characters escaped. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

/**
 * The one place where text becomes safe for a terminal. What bundles, programs and people write (titles, logs, names,
 * reasons, findings, paths) may hold escape sequences, control characters, and marks that turn the reading direction
 * around. Nothing is printed but `Text`, and `Text` is only made here, from values that were cleaned.
 */
import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";
import stringWidth from "string-width";

// Each class excludes what begins another sequence, so that matching is linear in the length of the text.
const escapeSequence = new RegExp(
  [
    // Strings: OSC, DCS, SOS, PM, APC, up to their terminator.
    "(?:\u001b[\\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u0080-\u009f]*(?:\u0007|\u001b\\\\|\u009c)",
    // CSI: colours, cursor moves, modes.
    "(?:\u001b\\[|\u009b)[0-?]*[ -/]*[@-~]",
    // All other two- and three-character sequences.
    "\u001b[ -/]*[0-~]",
  ].join("|"),
  "g",
);
// Bidirectional marks, embeddings, overrides and isolates; byte order mark; invisible tag characters.
const invisible = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;
const blank = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const control = /[\u0000-\u001f\u007f-\u009f]/g;

/** One line, without anything that could command a terminal or mislead a reader. */
export function clean(value: string): string {
  return value
    .toWellFormed()
    .replaceAll(escapeSequence, "")
    .replaceAll(invisible, "")
    .replaceAll(blank, " ")
    .replaceAll(control, "");
}

/** The same for every string in a JSON value, keys included; line breaks and tabs stay. */
export function cleanDeep(value: unknown): unknown {
  if (typeof value === "string") return value.split("\n").map(cleanKeepingTabs).join("\n");
  if (Array.isArray(value)) return value.map(cleanDeep);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), cleanDeep(item)]));
}

function cleanKeepingTabs(line: string): string {
  return line.split("\t").map(clean).join("\t");
}

/** Text that is safe to print. Holds ANSI colours of ours, which the output strips where they are not wanted. */
export class Text {
  readonly ansi: string;
  /** For this file only: everyone else uses `text`, `paint`, `lines`. */
  constructor(ansi: string) {
    this.ansi = ansi;
  }
  /** Columns on a terminal. */
  get width(): number {
    return stringWidth(this.ansi);
  }
  get plain(): string {
    return stripVTControlCharacters(this.ansi);
  }
}

export type Printable = Text | string | number;

function safe(value: Printable): string {
  return value instanceof Text ? value.ansi : clean(String(value));
}

/** A template whose values are cleaned: text`run ${run.name}`. The template's own line breaks stay. */
export function text(strings: TemplateStringsArray, ...values: Printable[]): Text {
  return new Text(strings.map((part, i) => (i === 0 ? part : safe(values[i - 1]!) + part)).join(""));
}

export function join(parts: readonly Printable[], separator = ""): Text {
  return new Text(parts.map(safe).join(separator));
}

/** Every line of a longer text on a line of its own, after `indent` spaces. */
export function lines(value: string, indent = 0): Text {
  const cleaned = value.split(/\r\n|\n/).map((line) => " ".repeat(indent) + clean(line));
  return new Text(cleaned.join("\n"));
}

const colors = pc.createColors(true);
const painter = (color: (text: string) => string) => (value: Printable) => new Text(color(safe(value)));

export const paint = {
  bold: painter(colors.bold),
  dim: painter(colors.dim),
  red: painter(colors.red),
  green: painter(colors.green),
  yellow: painter(colors.yellow),
  cyan: painter(colors.cyan),
};

/** Padded with spaces to a number of terminal columns. */
export function pad(value: Printable, width: number, align: "left" | "right" = "left"): Text {
  const content = safe(value);
  const space = " ".repeat(Math.max(0, width - stringWidth(content)));
  return new Text(align === "left" ? content + space : space + content);
}

const segmenter = new Intl.Segmenter();

/** Shortened to a number of terminal columns, with an ellipsis where something is left out. Loses colour. */
export function truncate(value: Printable, width: number): Text {
  const content = value instanceof Text ? value.plain : clean(String(value));
  if (stringWidth(content) <= width) return new Text(value instanceof Text ? value.ansi : content);
  let kept = "";
  let columns = 0;
  for (const { segment } of segmenter.segment(content)) {
    const next = stringWidth(segment);
    if (columns + next > width - 1) break;
    columns += next;
    kept += segment;
  }
  return new Text(`${kept}…`);
}

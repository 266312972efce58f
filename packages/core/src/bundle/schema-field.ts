/** The kinds of fields both documents are made of. YAML's null means "not given" and is removed before these run. */
import * as z from "zod";

/** Characters of a name or a title. They become parts of items, which have 400 KB in all. */
const usualCharacters = 1000;
/** Of what is written in sentences. */
export const proseCharacters = 10_000;
/** A zip's own paths have 3,000 bytes at most. */
const pathCharacters = 3000;

/** Text. A number or a boolean is taken as it would be written: `title: 2048` needs no quotes. */
export function text(description: string, most = usualCharacters) {
  return z
    .preprocess((value) => (isWord(value) ? String(value) : value), z.string().trim().min(1).max(most))
    .describe(description);
}

/** A path of a file in the bundle. */
export function path(description: string) {
  return text(`${description} A path relative to the bundle's root.`, pathCharacters);
}

/** A path of a zip, a directory or another file in the bundle. */
export function content(description: string) {
  return text(
    `${description} A path relative to the bundle's root: a .zip, a directory (packed as a zip), or another file.`,
    pathCharacters,
  );
}

/** A boolean; older YAML's yes/no and on/off, and quoted words, are understood. */
export function flag(description: string, fallback: boolean) {
  return z.preprocess(readFlag, z.boolean().default(fallback)).describe(description);
}

/** Zero-based. */
export function index(description: string) {
  return z.int().min(0).describe(description);
}

/** A date as it is written: what it means is decided by `parseDate`. */
export function date(description: string) {
  return z
    .string()
    .describe(
      `${description} ISO 8601 (2026-03-25, 2026-03-25 14:00, 2026-03-25T14:00:00+02:00) or month first (3-25-2026). UTC unless it says otherwise.`,
    );
}

/** Accepted and kept; has no effect here. */
export function kept(description: string) {
  return z.unknown().describe(`${description} Kept, without effect here.`);
}

function isWord(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean";
}

const words: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  y: true,
  false: false,
  no: false,
  off: false,
  n: false,
};

function readFlag(value: unknown): unknown {
  if (typeof value === "string") return words[value.trim().toLowerCase()] ?? value;
  return value === 0 || value === 1 ? value === 1 : value;
}

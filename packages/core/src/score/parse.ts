/** scores.json and scores.txt, as scoring programs leave them. Hostile until proven otherwise. */
import { isMap, isScalar, parseDocument } from "yaml";
import type { Column } from "../bundle/manifest.ts";
import { messageOf } from "../error.ts";
import type { Reason } from "../wire/reason.ts";
import { parseJsonWithBareNumbers } from "./json-number.ts";
import { quoted, readNumber } from "./read-number.ts";
import { type ColumnResult, type ColumnScores, toColumnScores } from "./score.ts";

/** Unknown keys may hold a program's whole report, hence the room. */
export const maxJsonBytes = 1024 * 1024;
/** A thousand lines. The YAML reader recovers from errors in quadratic time: 256 KiB of commas take a minute. */
export const maxTextBytes = 32 * 1024;

export type ParsedScores =
  | ({ readonly status: "scored" } & ColumnScores)
  | { readonly status: "unreadable" | "missing"; readonly reason: Reason };

/** What decides which keys are looked for: a computed column is never read, whatever the program wrote. */
export type ScoredColumn = Pick<Column, "key" | "computation">;

/**
 * The value, or the reason for having none, of every column a program writes: those of all leaderboards that are not
 * computed. `scores.json` wins where both files exist, even when it cannot be read: falling back in silence would rank
 * a stale file. Of a key given twice the last counts, as in Python. Keys that are no column are ignored, whatever
 * they hold. `scored` does not promise any score: see `nothingScored`.
 */
export function parseScores(
  files: { readonly json?: Uint8Array | undefined; readonly txt?: Uint8Array | undefined },
  columns: readonly ScoredColumn[],
): ParsedScores {
  if (files.json !== undefined) return read("scores.json", files.json, maxJsonBytes, readJson, columns);
  if (files.txt !== undefined) return read("scores.txt", files.txt, maxTextBytes, readText, columns);
  return {
    status: "missing",
    reason: {
      code: "no_scores",
      message: "The scoring program wrote no scores.json.",
      hint: `Write {${JSON.stringify(columns[0]?.key ?? "accuracy")}: 0.5} to scores.json in the output directory.`,
    },
  };
}

type Reader = (text: string) => Map<string, unknown>;

function read(
  file: string,
  bytes: Uint8Array,
  maxBytes: number,
  reader: Reader,
  columns: readonly ScoredColumn[],
): ParsedScores {
  if (bytes.length > maxBytes) {
    return unreadable(`${file} is larger than ${maxBytes / 1024} KiB.`);
  }
  let values: Map<string, unknown>;
  try {
    values = reader(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    // The parser's message may quote the file: one line of it, and not a long one.
    return unreadable(`${file} cannot be read: ${messageOf(error).split("\n", 1)[0]?.slice(0, 200)}`);
  }
  const wanted = new Set(columns.filter((column) => column.computation === undefined).map(({ key }) => key));
  return {
    status: "scored",
    ...toColumnScores([...wanted].map((key) => [key, columnResult(values, key, file)])),
  };
}

function columnResult(values: ReadonlyMap<string, unknown>, key: string, file: string): ColumnResult {
  if (values.has(key)) return readNumber(values.get(key), file);
  const present = [...values.keys()];
  const shown = present.slice(0, 3).map(quoted).join(", ") + (present.length > 3 ? ", …" : "");
  const holds = present.length === 0 ? "it is empty" : `it has ${shown}`;
  return { unscored: { code: "missing", message: `${file} has no ${quoted(key)}: ${holds}.` } };
}

function unreadable(message: string): ParsedScores {
  return { status: "unreadable", reason: { code: "scores_unreadable", message } };
}

const notAnObject = 'it is not an object of column keys and numbers, like {"accuracy": 0.5}';

function readJson(text: string): Map<string, unknown> {
  const value = parseJsonWithBareNumbers(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError(notAnObject);
  return new Map(Object.entries(value));
}

/** Marks a value that is YAML but no plain scalar. */
const notPlain: readonly unknown[] = [];

function readText(text: string): Map<string, unknown> {
  const document = parseDocument(text, {
    // Whatever a %YAML directive in the file says; with it comes "yes" as true.
    version: "1.2",
    schema: "core",
    // Its own check is quadratic; the Map below keeps the last.
    uniqueKeys: false,
    // "silent" would also take a second document for the end of the first.
    logLevel: "error",
  });
  const [error] = document.errors;
  if (error !== undefined) throw error;
  if (!isMap(document.contents)) throw new TypeError("it has no lines like accuracy: 0.5");
  const values = new Map<string, unknown>();
  for (const { key, value } of document.contents.items) {
    if (!isScalar(key)) continue;
    // No tags: what `!!python/object` or `!!binary` would make of a value is none of ours. No aliases either.
    const plain = isScalar(value) && value.tag === undefined;
    values.set(key.source ?? String(key.value), plain ? value.value : notPlain);
  }
  return values;
}

/** One line of `results.jsonl`, read as far as it can be: what is wrong with it is told, and the rest is kept. Pure. */
import { isTooDeep, maxJsonDepth } from "../json.ts";
import { type CaseLine, caseLineSchema } from "../wire/case.ts";
import { fieldFault } from "./field.ts";
import { parseKeepingDigits } from "./long-number.ts";

export interface ParsedLine {
  readonly line: CaseLine;
  /** Dotted paths of fields that were there and could not be used, with what is wrong with each. */
  readonly unusable: ReadonlyMap<string, string>;
}

/** Fields that are text, whatever a program writes into them: `"target": 4` means "4". */
const textFields = ["id", "input", "output", "target", "extracted_answer", "explanation"] as const;

type Fields = Record<string, unknown>;

/** @returns what is wrong, in words, when there is no case in the line */
export function parseLine(bytes: Uint8Array): ParsedLine | string {
  let value: unknown;
  try {
    value = parseKeepingDigits(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof RangeError) return tooDeep;
    // JSON's own message may quote the line, which may be long and hostile.
    return error instanceof SyntaxError ? "is not JSON" : "is not UTF-8";
  }
  if (!isObject(value)) return 'is not an object, like {"id": "1", "passed": true}';
  return isTooDeep(value) ? tooDeep : check(normalise(value));
}

const tooDeep = `is nested deeper than ${maxJsonDepth} levels`;

/** Drops what cannot be used until the rest is a case. Every round drops something, or this would not end. */
function check(fields: Fields): ParsedLine | string {
  const unusable = new Map<string, string>();
  for (;;) {
    const parsed = caseLineSchema.safeParse(fields);
    if (parsed.success) return { line: parsed.data, unusable };
    const dropped = new Set<string>();
    for (const { path } of parsed.error.issues) {
      const [field = "", inner] = path.map(String);
      if (field === "id") return "id" in fields ? 'has an "id" that cannot be one' : 'has no "id"';
      if (field === "epoch") return 'has an "epoch" that is not a whole number from 1';
      const place = inner === undefined ? field : `${field}.${inner}`;
      // One value may be wrong in two ways.
      if (!dropped.has(place)) drop(fields, { field, inner, place }, unusable);
      dropped.add(place);
    }
  }
}

interface Place {
  readonly field: string;
  /** Of an object, which value in it. */
  readonly inner: string | undefined;
  /** Dotted path of both. */
  readonly place: string;
}

/** A bad number among `scores` costs the others nothing; a field that lacks what it needs is dropped whole. */
function drop(fields: Fields, { field, inner, place }: Place, unusable: Map<string, string>): void {
  const held = fields[field];
  if (inner !== undefined && isObject(held)) {
    if (Object.hasOwn(held, inner)) {
      unusable.set(place, fieldFault(field, held[inner], true));
      delete held[inner];
      return;
    }
    if (!unusable.has(place)) unusable.set(field, `it has no "${inner}"`);
  } else {
    unusable.set(field, fieldFault(field, held, false));
  }
  delete fields[field];
}

function normalise(value: Fields): Fields {
  const fields = { ...value };
  for (const name of textFields) if (Object.hasOwn(fields, name)) fields[name] = asText(name, fields[name]);
  // As scores.json has it the other way round: 1 and 0 are booleans where one is wanted.
  if (fields["passed"] === 1 || fields["passed"] === 0) fields["passed"] = fields["passed"] === 1;
  if (fields["epoch"] === null) delete fields["epoch"];
  const { error, failure } = fields;
  if (typeof error === "string") fields["error"] = isNothing(error) ? null : { message: error };
  if (typeof failure === "string") fields["failure"] = isNothing(failure) ? null : { category: failure };
  return fields;
}

/** pandas has NaN where there is nothing, also among texts. */
function isNothing(text: string): boolean {
  return text === "" || text === "NaN";
}

function asText(field: string, value: unknown): unknown {
  // An id stands in URLs, which cannot hold half a character.
  if (field === "id" && typeof value === "string") return value.toWellFormed();
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (field === "target" && Array.isArray(value)) return value.map((item) => asText("", item));
  if (typeof value !== "object" || value === null || isChat(field, value)) return value;
  // An id is a name; anything else structured is shown as the JSON it is.
  return field === "id" ? value : JSON.stringify(value);
}

function isChat(field: string, value: object): boolean {
  if (field !== "input" && field !== "output") return false;
  const hasRole = (item: unknown): boolean => isObject(item) && typeof item["role"] === "string";
  return Array.isArray(value) ? value.every(hasRole) : field === "output" && hasRole(value);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

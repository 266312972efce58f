/** One line of `results.jsonl`, read as far as it can be: what is wrong with it is told, and the rest is kept. Pure. */
import { parseJsonWithBareNumbers } from "../score/json-number.ts";
import { type CaseLine, caseLineSchema } from "../wire/case.ts";

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
    value = parseJsonWithBareNumbers(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    // JSON's own message may quote the line, which may be long and hostile.
    return error instanceof SyntaxError ? "is not JSON" : "is not UTF-8";
  }
  if (!isObject(value)) return 'is not an object, like {"id": "1", "passed": true}';
  return check(normalise(value), new Map());
}

function check(fields: Fields, unusable: Map<string, string>): ParsedLine | string {
  const parsed = caseLineSchema.safeParse(fields);
  if (parsed.success) return { line: parsed.data, unusable };
  for (const { path, message } of parsed.error.issues) {
    const [field = ""] = path.map(String);
    if (field === "id") return "id" in fields ? 'has an "id" that cannot be one' : 'has no "id"';
    if (field === "epoch") return 'has an "epoch" that is not a whole number from 1';
    // One value may be wrong in two ways.
    if (unusable.has(path.slice(0, 2).join("."))) continue;
    const { owner, key, name } = placeOf(fields, path.map(String));
    unusable.set(name, message);
    delete owner[key];
  }
  return check(fields, unusable);
}

/** The value to drop: a bad number among `scores` costs the others nothing. It is always there, or this would not end. */
function placeOf(
  fields: Fields,
  [field = "", inner]: readonly string[],
): { owner: Fields; key: string; name: string } {
  const held = fields[field];
  return inner !== undefined && isObject(held) && Object.hasOwn(held, inner)
    ? { owner: held, key: inner, name: `${field}.${inner}` }
    : { owner: fields, key: field, name: field };
}

function normalise(value: Fields): Fields {
  const fields = { ...value };
  for (const name of textFields) if (Object.hasOwn(fields, name)) fields[name] = asText(name, fields[name]);
  // As scores.json has it the other way round: 1 and 0 are booleans where one is wanted.
  if (fields["passed"] === 1 || fields["passed"] === 0) fields["passed"] = fields["passed"] === 1;
  if (typeof fields["error"] === "string") {
    fields["error"] = fields["error"] === "" ? null : { message: fields["error"] };
  }
  return fields;
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

/** Holding a YAML document against its schema: every mistake a finding at its position, in plain words. */
import * as z from "zod";
import { closest } from "./closest.ts";
import type { FindingList } from "./finding-list.ts";
import type { YamlDocument, YamlPath } from "./yaml-document.ts";
import { formatPath } from "./yaml-document.ts";

export interface SchemaCheck<S extends z.ZodType> {
  readonly schema: S;
  readonly document: YamlDocument;
  readonly file: string;
  readonly findings: FindingList;
  /** Keys of other dialects and what they are called here. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Those whose value has been taken over under the right name. */
  readonly understood?: ReadonlySet<string>;
}

/** A document of another kind has nothing but unknown keys: the first of them are enough. */
const maxUnknownKeys = 100;

/** A value of which any part may be missing, because it was missing or wrong where it was read from. */
export type Partially<T> = T extends readonly (infer Item)[]
  ? readonly (Partially<Item> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Partially<T[K]> | undefined }
    : T;

export interface SchemaResult<T> {
  /** The fields, defaults filled in; undefined when any of them is wrong. */
  readonly valid: T | undefined;
  /** The fields that are right, so that everything else about them can be checked at once. */
  readonly partial: Partially<T>;
}

/** Reads the document's fields; what is wrong becomes errors, what is unknown becomes warnings. */
export function checkSchema<S extends z.ZodType>(check: SchemaCheck<S>): SchemaResult<z.output<S>> {
  const value = withoutEmpty(check.document.value);
  for (const { key, known, path } of take(unknownKeys(check.schema, value, []), maxUnknownKeys)) {
    warnKey(check, key, known, path);
  }
  const result = check.schema.safeParse(value);
  if (result.success) return { valid: result.data, partial: result.data as Partially<z.output<S>> };
  for (const issue of result.error.issues) report(check, value, issue);
  for (const issue of result.error.issues) remove(value, issue.path as YamlPath);
  return { valid: undefined, partial: (value ?? {}) as Partially<z.output<S>> };
}

function remove(value: unknown, path: YamlPath): void {
  const container = at(value, path.slice(0, -1));
  const last = path.at(-1);
  if (typeof container !== "object" || container === null || last === undefined) return;
  (container as Record<string | number, unknown>)[last] = undefined;
}

/** `key:` with nothing behind it, null and "" all mean that the field is not given. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (!isMapping(value)) return value;
  const given = Object.create(null) as Record<string, unknown>;
  for (const [key, field] of Object.entries(value)) {
    if (field !== null && field !== "") given[key] = withoutEmpty(field);
  }
  return given;
}

function report(check: SchemaCheck<z.ZodType>, value: unknown, issue: z.core.$ZodIssue): void {
  const path = issue.path as YamlPath;
  const written = at(value, path);
  // An item is called by its list: `tasks[0]`.
  const field = formatPath(path.slice(typeof path.at(-1) === "number" ? -2 : -1)) || "the document";
  const schema = schemaAt(check.schema, path);
  const where = { file: check.file, path: formatPath(path), ...check.document.mark(path) };
  if (written === undefined) {
    const hint = `Add \`${field}: …\`${schema?.description === undefined ? "" : ` (${schema.description})`}`;
    check.findings.error("schema.field_missing", { message: `\`${field}\` is required.`, ...where, hint });
    return;
  }
  const { code, message, hint } = describe(issue, written, { field, meaning: schema?.description });
  check.findings.error(code, {
    message: `\`${field}\` ${message}.`,
    ...where,
    ...(hint === undefined ? {} : { hint }),
  });
}

function describe(
  issue: z.core.$ZodIssue,
  written: unknown,
  about: { readonly field: string; readonly meaning: string | undefined },
): { code: string; message: string; hint?: string } {
  if (issue.code === "invalid_type") {
    const wanted = typeNames[issue.expected] ?? issue.expected;
    const message = `must be ${wanted}, not ${describeValue(written)}`;
    return { code: "schema.type", message, ...typeHint(issue.expected, written) };
  }
  if (issue.code === "invalid_value") {
    const allowed = issue.values.map(String);
    return {
      code: "schema.value",
      message: `must be ${allowed.length === 1 ? "" : "one of "}${allowed.join(", ")}, not ${describeValue(written)}`,
      ...choiceHint(allowed, written, about),
    };
  }
  if (issue.code === "too_small" && typeof written !== "number") {
    return { code: "schema.range", message: "must not be empty" };
  }
  if (issue.code === "too_big" && typeof written !== "number") {
    const unit = typeof written === "string" ? "characters" : "items";
    return { code: "schema.range", message: `must not have more than ${issue.maximum} ${unit}` };
  }
  if (issue.code === "too_small" || issue.code === "too_big") {
    const bound =
      issue.code === "too_big"
        ? `at most ${issue.maximum}`
        : `${issue.inclusive === true ? "at least" : "more than"} ${issue.minimum}`;
    return { code: "schema.range", message: `must be ${bound}, not ${describeValue(written)}` };
  }
  return { code: "schema.value", message: `${issue.message}, not ${describeValue(written)}` };
}

const typeNames: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping (key: value)",
};

function typeHint(expected: string, written: unknown): { hint?: string } {
  if (expected === "array") {
    const item = typeof written === "string" || typeof written === "number";
    return { hint: item ? `Write a list: [${written}]` : 'Begin each item of the list with "- ".' };
  }
  if (expected === "string" && Array.isArray(written)) {
    return { hint: `Write it as one text, not as a list${asOneText(written)}` };
  }
  // Text takes numbers as they are written: only dates insist.
  if (expected === "string" && typeof written === "number") {
    return { hint: "Write a date like 2026-03-25, or with a time: 2026-03-25 14:00." };
  }
  const quotedNumber = typeof written === "string" && /^-?\d+(\.0*)?$/.test(written.trim());
  if ((expected === "number" || expected === "int") && quotedNumber) {
    return { hint: `Write it without quotes: ${Number(written)}` };
  }
  return {};
}

/** The words of a list as a command has them; only a full stop where it holds more than words, or much. */
function asOneText(items: readonly unknown[]): string {
  const words = items.filter((item) => ["string", "number", "boolean"].includes(typeof item)).map(String);
  const line = words.length === 1 ? words[0]! : words.map(quoted).join(" ");
  // What YAML would read otherwise is no line to copy.
  const isPlain = /^[\w./$][^\n]*$/.test(line) && !/: | #|:$/.test(line);
  return isPlain && words.length === items.length && line.length <= 200 ? `: ${line}` : ".";
}

/** A word that stays one where a command is split at its blanks; there are no escapes. */
function quoted(word: string): string {
  if (!/[\s'"]/.test(word)) return word;
  return word.includes("'") ? `"${word}"` : `'${word}'`;
}

/** What was meant, or else every line that could be: `network: yes` is near to neither of its words. */
function choiceHint(
  allowed: readonly string[],
  written: unknown,
  { field, meaning }: Parameters<typeof describe>[2],
): { hint?: string } {
  const near = typeof written === "string" ? closest(written, allowed) : undefined;
  if (near !== undefined) return { hint: `Did you mean \`${near}\`?` };
  if (allowed.length !== 2) return {};
  const choices = allowed.map((value) => `\`${field}: ${value}\``).join(" or ");
  return { hint: `Write ${choices}${meaning === undefined ? "." : ` (${meaning})`}` };
}

function describeValue(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  const text = typeof value === "string" ? `"${value}"` : `${value as number | boolean | null}`;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

interface UnknownKey {
  readonly key: string;
  /** The keys its mapping may have. */
  readonly known: readonly string[];
  readonly path: YamlPath;
}

function* unknownKeys(schema: z.ZodType, value: unknown, path: YamlPath): Generator<UnknownKey> {
  const bare = unwrapped(schema);
  if (bare instanceof z.ZodArray && Array.isArray(value)) {
    for (const [position, item] of value.entries()) {
      yield* unknownKeys(bare.element as z.ZodType, item, [...path, position]);
    }
  }
  if (!(bare instanceof z.ZodObject) || !isMapping(value)) return;
  const shape = bare.shape as Readonly<Record<string, z.ZodType>>;
  const known = Object.keys(shape);
  for (const [key, field] of Object.entries(value)) {
    const next = [...path, key];
    if (Object.hasOwn(shape, key)) yield* unknownKeys(shape[key]!, field, next);
    else yield { key, known, path: next };
  }
}

function* take<T>(items: Iterable<T>, most: number): Generator<T> {
  let taken = 0;
  for (const item of items) {
    if (taken++ === most) return;
    yield item;
  }
}

function warnKey(check: SchemaCheck<z.ZodType>, key: string, known: readonly string[], path: YamlPath): void {
  const meant = check.renamed?.[key];
  const near = meant !== undefined && known.includes(meant) ? meant : closest(key, known);
  const at = { file: check.file, path: formatPath(path), ...check.document.mark(path, "key") };
  if (check.understood?.has(key) === true && near !== undefined) {
    check.findings.warning("schema.renamed_key", {
      message: `\`${key}\` is called \`${near}\` here; it was read as that.`,
      ...at,
      hint: `Write \`${near}\`.`,
    });
    return;
  }
  const homes = homesOf(check.schema, key, "");
  const guess = near === undefined ? undefined : `Did you mean \`${near}\`?`;
  // A name that has a meaning in many places says nothing about the one that was meant.
  const hint = homes.length === 1 || homes.length === 2 ? `It belongs ${homes.join(" or ")}.` : guess;
  check.findings.warning("schema.unknown_key", {
    message: `\`${key}\` has no meaning here and is ignored.`,
    ...at,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Where in the document a key has a meaning: `in an item of phases`. The same schema under two names counts once. */
function homesOf(schema: z.ZodType, key: string, place: string, seen = new Set<z.ZodType>()): string[] {
  const bare = unwrapped(schema);
  if (seen.has(bare)) return [];
  seen.add(bare);
  if (bare instanceof z.ZodArray)
    return homesOf(bare.element as z.ZodType, key, `in an item of ${place}`, seen);
  if (!(bare instanceof z.ZodObject)) return [];
  const shape = bare.shape as Readonly<Record<string, z.ZodType>>;
  const here = Object.hasOwn(shape, key) ? [place === "" ? "at the top level" : place] : [];
  return [...here, ...Object.entries(shape).flatMap(([name, field]) => homesOf(field, key, name, seen))];
}

function schemaAt(schema: z.ZodType, path: YamlPath): z.ZodType | undefined {
  let current: z.ZodType | undefined = schema;
  for (const step of path) {
    const bare: z.ZodType | undefined = current === undefined ? undefined : unwrapped(current);
    if (bare instanceof z.ZodArray) current = bare.element as z.ZodType;
    else if (bare instanceof z.ZodObject) current = (bare.shape as Record<string, z.ZodType>)[String(step)];
    else return undefined;
  }
  return current;
}

/** The schema inside optional(), default() and preprocess(). */
function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return unwrapped(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodPipe ? unwrapped(schema.out as z.ZodType) : schema;
}

function at(value: unknown, path: YamlPath): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Numbers of more digits than a number keeps, as ids and hashes of 64 bits are. Pure. */
import { parseJsonWithBareNumbers } from "../score/json-number.ts";

/** Such a number as it was written, until it is known what is wanted in its place. */
class LongNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

/** Texts without any need no second look. */
const mayBeLong = /\d{16}|\d[eE]\+?\d{3}/;

/**
 * A line's JSON with every long number as the text that was written, but in the fields where the format has numbers: there
 * it is as near as a number comes.
 * @throws SyntaxError; RangeError when it nests too deep
 */
export function parseKeepingDigits(text: string): unknown {
  if (!mayBeLong.test(text)) return parseJsonWithBareNumbers(text);
  const value = parseJsonWithBareNumbers(text, keepDigits);
  return mapValues(value, (field, name) => settle(field, numberFields.has(name)));
}

/** A reviver. */
function keepDigits(_: string, value: unknown, { source = "" }: { readonly source?: string } = {}): unknown {
  if (typeof value !== "number") return value;
  const isKept = Number.isFinite(value) && (Number.isSafeInteger(value) || !/^-?\d+$/.test(source));
  return isKept ? value : new LongNumber(source);
}

const numberFields: ReadonlySet<string> = new Set([
  "epoch",
  "score",
  "scores",
  "latency_ms",
  "usage",
  "cost_usd",
]);

function settle(value: unknown, isNumber: boolean): unknown {
  if (value instanceof LongNumber) return isNumber ? Number(value.source) : value.source;
  return mapValues(value, (inner) => settle(inner, isNumber));
}

/** What is no list and no object stays as it is. */
function mapValues(value: unknown, change: (inner: unknown, name: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((inner, position) => change(inner, String(position)));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, change(inner, name)]));
}

import { InvalidInput } from "../error.ts";
import type { Query, Scan } from "../ports.ts";

/** Of a page of items, blobs or execution events. */
const pageBounds = { usual: 100, most: 1000 };
/** Of a page of log lines. */
export const logBounds = { usual: 1000, most: 10_000 };
/** After so many bytes of text a page of log lines ends, whatever its limit; one line may be longer. */
export const logPageBytes = 512 * 1024;

/** Half-open bounds on a sort key; an absent bound is open. */
export interface SortRange {
  readonly from?: string;
  readonly before?: string;
}

/** The bounds a query asks for, `prefix` resolved. */
export function sortRange(range: Query["range"]): SortRange {
  if (range === undefined) return {};
  if (!("prefix" in range)) return range;
  const before = prefixEnd(range.prefix);
  return before === undefined ? { from: range.prefix } : { from: range.prefix, before };
}

/** The least text above every text with that prefix, in code point order (which is UTF-8's byte order); undefined when none is. */
export function prefixEnd(prefix: string): string | undefined {
  const points = Array.from(prefix);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0)!;
    if (point === 0x10ffff) continue;
    // Surrogates are no characters: U+D7FF is followed by U+E000.
    return points.join("") + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return undefined;
}

/** Items per page. @throws InvalidInput `limit_invalid` */
export function pageLimit(limit: number | undefined, { usual, most } = pageBounds): number {
  if (limit === undefined) return usual;
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw new InvalidInput("limit_invalid", `limit must be a whole number from 1 to ${most}.`);
}

/** The question a scan's cursor belongs to. @throws InvalidInput `scan_invalid` */
export function scanScope({ sortKeyPrefixes, attributes }: Scan): string {
  if (sortKeyPrefixes.length === 0 || sortKeyPrefixes.includes("")) {
    throw new InvalidInput("scan_invalid", "A scan needs prefixes of sort keys, none of them empty.");
  }
  return JSON.stringify(["scan", sortKeyPrefixes, attributes]);
}

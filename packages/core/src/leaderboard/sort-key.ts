/** Numbers and rows as text whose bytewise order is the board's order, so that a table keeps a board sorted. */
import type { Column } from "../bundle/manifest.ts";
import { scoreOf } from "../score/score.ts";
import type { OrderedRow } from "./order.ts";

/** 64 characters, in the order of their bytes. */
const digits = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/** 11 characters of 6 bits hold the 64 bits of a double and two more, which stay zero. */
export const numberKeyLength = 11;

const signBit = 1n << 63n;
const allBits = (1n << 64n) - 1n;

/** After every number's key: those never begin with more than 4 of 6 bits. */
export const absentKey = "z".repeat(numberKeyLength);

/**
 * The bits of an IEEE 754 double order like the number once the sign bit is flipped, and all bits of a negative one.
 * Inverted for `desc`; -0 equals 0; absent comes last in either direction.
 */
export function numberKey(value: number | undefined, direction: Column["sorting"]): string {
  if (value === undefined) return absentKey;
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value + 0);
  const bits = view.getBigUint64(0);
  const ascending = bits & signBit ? bits ^ allBits : bits ^ signBit;
  let rest = direction === "asc" ? ascending : ascending ^ allBits;
  let key = "";
  for (let at = 0; at < numberKeyLength; at++) {
    key = digits.charAt(Number(rest & 63n)) + key;
    rest >>= 6n;
  }
  return key;
}

/** A row's place in an order: its scores, the time of submission, the run. As `compareRows`, by bytes. */
export function sortKey(order: readonly Column[], row: OrderedRow): string {
  return tieKey(order, row) + submissionKey(row);
}

/** The scores alone: equal keys mean equal rank. A prefix of the sort key. */
export function tieKey(order: readonly Column[], row: OrderedRow): string {
  return order.map(({ key, sorting }) => numberKey(scoreOf(row.scores, key), sorting)).join("");
}

/** The tie key in a stored sort key of that order. */
export function tieKeyIn(order: readonly Column[], key: string): string {
  return key.slice(0, order.length * numberKeyLength);
}

/** Earlier submissions first. */
export function submissionKey({ submittedAt, runId }: Pick<OrderedRow, "submittedAt" | "runId">): string {
  return numberKey(Date.parse(submittedAt), "asc") + runId;
}

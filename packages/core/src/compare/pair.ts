/** The cases of two runs, side by side. Pure. */
import type { CaseColumns } from "./column.ts";

/** Positions of the same case in the first run and in the other. */
export interface Pair {
  readonly first: number;
  readonly other: number;
}

export interface PairedCases {
  /** With equal input and target, in the first run's order. */
  readonly matched: readonly Pair[];
  /** Found in both under one id, with another input or target: not the same question. */
  readonly changed: readonly Pair[];
  readonly onlyInFirst: readonly number[];
  readonly onlyInOther: readonly number[];
}

/** Pairs by the keys the cases were added under. */
export function pairCases(first: CaseColumns, other: CaseColumns): PairedCases {
  const [matched, changed]: [Pair[], Pair[]] = [[], []];
  const onlyInFirst: number[] = [];
  for (const [key, position] of first.keys()) {
    const found = other.positionOf(key);
    if (found === undefined) onlyInFirst.push(position);
    else {
      const same = first.contentAt(position) === other.contentAt(found);
      (same ? matched : changed).push({ first: position, other: found });
    }
  }
  const onlyInOther = [...other.keys()].flatMap(([key, position]) =>
    first.positionOf(key) === undefined ? [position] : [],
  );
  return { matched, changed, onlyInFirst, onlyInOther };
}

export interface PairedValues {
  readonly pairs: readonly Pair[];
  readonly a: Float64Array;
  readonly b: Float64Array;
}

/** The pairs for which both runs have the value, and the values. */
export function valuesOf(
  runs: { readonly first: CaseColumns; readonly other: CaseColumns },
  matched: readonly Pair[],
  name: string,
): PairedValues {
  const pairs = matched.filter(
    ({ first, other }) =>
      runs.first.valueAt(name, first) !== undefined && runs.other.valueAt(name, other) !== undefined,
  );
  const a = Float64Array.from(pairs, ({ first }) => runs.first.valueAt(name, first)!);
  const b = Float64Array.from(pairs, ({ other }) => runs.other.valueAt(name, other)!);
  return { pairs, a, b };
}

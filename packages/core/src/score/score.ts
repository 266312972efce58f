/** What scoring yields: per column a number, or the reason there is none. Never NaN, never zero for "unknown". */

/** Column key to value: finite, full precision. Read with `scoreOf`: keys are a stranger's. */
export type Scores = Readonly<Record<string, number>>;

/** `missing`: not written at all. The other two were written, but hold no number that could be ranked. */
export type UnscoredCode = "missing" | "not_finite" | "not_a_number";

export interface UnscoredValue {
  readonly code: UnscoredCode;
  /** One sentence, at most about 300 characters. */
  readonly message: string;
}

/** Column key to why it has no value. */
export type Unscored = Readonly<Record<string, UnscoredValue>>;

/** Every column is in exactly one of the two. */
export interface ColumnScores {
  readonly scores: Scores;
  readonly unscored: Unscored;
}

export interface TaskScores extends ColumnScores {
  /** The task's `index` in the manifest. */
  readonly index: number;
}

/** The column's value. Own properties only: a column may be called `constructor`. */
export function scoreOf(scores: Scores, key: string): number | undefined {
  return Object.hasOwn(scores, key) ? scores[key] : undefined;
}

/** Why the column has no value. */
export function unscoredOf(unscored: Unscored, key: string): UnscoredValue | undefined {
  return Object.hasOwn(unscored, key) ? unscored[key] : undefined;
}

export type ColumnResult = { readonly value: number } | { readonly unscored: UnscoredValue };

/** Splits results into the two records. `Object.fromEntries` defines keys, so `__proto__` is one like any other. */
export function toColumnScores(
  results: Iterable<readonly [key: string, result: ColumnResult]>,
): ColumnScores {
  const scores: [string, number][] = [];
  const unscored: [string, UnscoredValue][] = [];
  for (const [key, result] of results) {
    if ("value" in result) scores.push([key, result.value]);
    else unscored.push([key, result.unscored]);
  }
  return { scores: Object.fromEntries(scores), unscored: Object.fromEntries(unscored) };
}

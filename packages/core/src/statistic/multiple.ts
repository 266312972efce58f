/**
 * p-values adjusted for there being several, in the order given: Holm's step-down method (1979). What stays below 0.05
 * keeps the chance of any false alarm among all of them below 5 %.
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = pValues.map(() => 1);
  const ascending = pValues.map((p, position) => ({ p, position })).sort((a, b) => a.p - b.p);
  let least = 0;
  for (const [rank, { p, position }] of ascending.entries()) {
    least = Math.max(least, Math.min(1, p * (pValues.length - rank)));
    adjusted[position] = least;
  }
  return adjusted;
}

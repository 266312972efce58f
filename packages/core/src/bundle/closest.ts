/** How many letters may still be compared with letters to find what was meant: 20 million take a quarter of a second. */
export interface GuessBudget {
  comparisons: number;
}

const usualComparisons = 20_000_000;

/**
 * The candidate a mistyped word was most likely meant to be; undefined when none is near.
 * @param budget shared by guesses that together must not take long; what is left of it is in it afterwards
 */
export function closest(
  word: string,
  candidates: Iterable<string>,
  budget: GuessBudget = { comparisons: usualComparisons },
): string | undefined {
  // Distance takes the product of both lengths; nobody mistypes a word this long.
  if (word.length > 200) return undefined;
  let best: string | undefined;
  // A third of the letters may be wrong: `scoring_progam` is near, `image` and `terms` are not.
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    budget.comparisons -= candidate.length * word.length;
    if (budget.comparisons < 0) break;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** How many letters must be inserted, removed, replaced, or swapped with a neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let [twoBack, previous]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, twoBack[j - 2]! + 1);
      current.push(cost);
    }
    [twoBack, previous] = [previous, current];
  }
  return previous[b.length]!;
}

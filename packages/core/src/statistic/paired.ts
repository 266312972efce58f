/** Two runs over the same cases. Pure. */
import { differencesOf } from "./bootstrap.ts";
import { fairCoinCdf, studentTails } from "./distribution.ts";
import {
  type Interval,
  type MeanError,
  type Numbers,
  defaultLevel,
  meanError,
  twoSidedNormal,
} from "./interval.ts";

/**
 * The two-sided p-value of McNemar's exact test: how likely it is that of `b + c` cases that changed so many, or more,
 * changed one way, if either way were equally likely. Not the mid-p variant.
 */
export function mcnemarExact(b: number, c: number): number {
  return Math.min(1, 2 * fairCoinCdf(Math.min(b, c), b + c));
}

/**
 * For the difference (gained − lost) / n of two shares of the same n cases: Tango's score interval (Statistics in Medicine
 * 17, 1998, 891–908). It is to pairs what Wilson's is to one share: it keeps its level where few cases changed, and never
 * leaves −1 to 1. The likelihood's maximum under a given difference is in closed form there; its ends are found by bisection.
 */
export function pairedDifferenceInterval(
  { gained, lost, n }: { readonly gained: number; readonly lost: number; readonly n: number },
  level = defaultLevel,
): Interval | undefined {
  if (n <= 0) return undefined;
  const z = twoSidedNormal(level);
  const estimate = (gained - lost) / n;
  const statistic = (difference: number) => {
    const b = (2 * n - gained + lost) * difference - gained - lost;
    const c = -lost * difference * (1 - difference);
    const lostShare = (Math.sqrt(Math.max(0, b * b - 8 * n * c)) - b) / (4 * n);
    const variance = n * (2 * lostShare + difference * (1 - difference));
    const excess = gained - lost - n * difference;
    // Without variance only the estimate itself fits.
    return variance > 0 ? excess / Math.sqrt(variance) : excess * Number.POSITIVE_INFINITY;
  };
  return {
    estimate,
    low: rootOf((difference) => z - statistic(difference), -1, estimate),
    high: rootOf((difference) => -z - statistic(difference), estimate, 1),
    level,
  };
}

/** Where a rising function passes zero between the two; the nearer end when it does not. */
function rootOf(rising: (x: number) => number, from: number, to: number): number {
  if (rising(from) >= 0) return from;
  let [low, high] = [from, to];
  // Halves the gap to less than a double can tell.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (rising(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Of the mean difference b − a within pairs. @param clusters of each pair, where cases have them */
export function pairedMeanError(
  pairs: { readonly a: Numbers; readonly b: Numbers },
  clusters?: ArrayLike<string | number>,
): MeanError | undefined {
  return meanError(differencesOf(pairs), clusters);
}

/**
 * The two-sided p-value of a mean being zero, by Student's t test: below 0.05 exactly where its interval leaves zero out.
 * Undefined where that has no width.
 */
export function meanTest(known: MeanError | undefined): number | undefined {
  if (known === undefined || known.error === 0 || !Number.isFinite(known.error)) return undefined;
  return studentTails(known.mean / known.error, known.degreesOfFreedom);
}

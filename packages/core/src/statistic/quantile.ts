import { fairCoinCdf } from "./distribution.ts";
import { type Interval, type Numbers, defaultLevel } from "./interval.ts";

/**
 * The value at the share `q` (0.5: the median) of ascending values, interpolated linearly between neighbours: definition 7
 * of Hyndman and Fan (1996), which NumPy, R and spreadsheets use by default. Undefined of none.
 */
export function quantile(sorted: Numbers, q: number): number | undefined {
  const place = (sorted.length - 1) * q;
  const below = Math.floor(place);
  const low = sorted[below];
  const high = sorted[Math.ceil(place)];
  return low === undefined || high === undefined ? undefined : low + (high - low) * (place - below);
}

/**
 * For the median of differences within pairs: between two of the ordered differences, by the sign test, which assumes
 * nothing of how they are distributed. Six at least for 95 %. Source: Hollander and Wolfe, "Nonparametric Statistical
 * Methods", section 3.6.
 */
export function pairedMedianInterval(differences: Numbers, level = defaultLevel): Interval | undefined {
  const sorted = Float64Array.from(differences).sort();
  const n = sorted.length;
  const estimate = quantile(sorted, 0.5);
  const rank = lowerRank(n, level);
  const low = sorted[rank - 1];
  const high = sorted[n - rank];
  return estimate === undefined || low === undefined || high === undefined
    ? undefined
    : { estimate, low, high, level };
}

/** The largest rank with at most half of the error below it, from 1; 0 when there is none. */
function lowerRank(n: number, level: number): number {
  let [fits, tooLarge] = [0, Math.floor(n / 2) + 1];
  while (tooLarge - fits > 1) {
    const rank = Math.floor((fits + tooLarge) / 2);
    if (fairCoinCdf(rank - 1, n) <= (1 - level) / 2) fits = rank;
    else tooLarge = rank;
  }
  return fits;
}

/** Intervals for a share and for a mean. Pure. Where there is too little to go by there is no interval: undefined. */
import { normalQuantile, studentQuantile } from "./distribution.ts";

/** An estimate with the interval that covers the truth at `level`, 0.95 for 95 %. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

/** Numbers by position: arrays and typed arrays. */
export type Numbers = ArrayLike<number>;

export const defaultLevel = 0.95;

/** The normal quantile of a two-sided interval: 1.96 for 95 %. */
export function twoSidedNormal(level: number): number {
  return normalQuantile((1 + level) / 2);
}

/**
 * For a share: `passed` of `n`. Wilson's score interval (1927), which keeps its level for few cases and for shares near 0
 * and 1, and never leaves them. `passed` may be a sum of averages, for cases that were repeated.
 */
export function wilsonInterval(passed: number, n: number, level = defaultLevel): Interval | undefined {
  if (n <= 0) return undefined;
  const z2 = twoSidedNormal(level) ** 2;
  const estimate = passed / n;
  const center = (passed + z2 / 2) / (n + z2);
  const half = Math.sqrt(z2 * (n * estimate * (1 - estimate) + z2 / 4)) / (n + z2);
  return {
    estimate,
    // The ends are exact where all or none passed; rounding would leave 1e-17 of nothing.
    low: passed === 0 ? 0 : Math.max(0, center - half),
    high: passed === n ? 1 : Math.min(1, center + half),
    level,
  };
}

/** For the mean of independent values: Student's t. Two values at least. */
export function meanInterval(values: Numbers, level = defaultLevel): Interval | undefined {
  const n = values.length;
  if (n < 2) return undefined;
  const mean = meanOf(values);
  let squares = 0;
  for (let i = 0; i < n; i++) squares += ((values[i] ?? 0) - mean) ** 2;
  const error = Math.sqrt(squares / (n - 1) / n);
  return around(mean, studentQuantile((1 + level) / 2, n - 1) * error, level);
}

/**
 * For the mean of values of which those of one cluster may resemble each other (questions about one text): the
 * cluster-robust standard error with G/(G−1) for G clusters, and t with G−1 degrees of freedom. With each value in a
 * cluster of its own it is `meanInterval`. Source: E. Miller, "Adding Error Bars to Evals" (2024), section 2.2.
 * @param clusters of each value, by the same position; two different ones at least
 */
export function clusteredMeanInterval(
  values: Numbers,
  clusters: ArrayLike<string | number>,
  level = defaultLevel,
): Interval | undefined {
  const mean = meanOf(values);
  const sums = new Map<string | number | undefined, number>();
  for (let i = 0; i < values.length; i++) {
    const cluster = clusters[i];
    sums.set(cluster, (sums.get(cluster) ?? 0) + ((values[i] ?? 0) - mean));
  }
  const count = sums.size;
  if (count < 2) return undefined;
  let squares = 0;
  for (const sum of sums.values()) squares += sum ** 2;
  const error = Math.sqrt((squares * count) / (count - 1)) / values.length;
  return around(mean, studentQuantile((1 + level) / 2, count - 1) * error, level);
}

/** Not a number for none. */
export function meanOf(values: Numbers): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
}

function around(estimate: number, half: number, level: number): Interval {
  return { estimate, low: estimate - half, high: estimate + half, level };
}

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

/** Below this part of the values what they differ by is rounding. */
const rounding = 1e-10;

/**
 * Whether the ends lie apart by more than rounding. An interval without width comes of values that are all alike: that is
 * too little to know, not certainty.
 */
export function hasWidth({ low, high }: Pick<Interval, "low" | "high">): boolean {
  return Number.isFinite(high - low) && high - low > rounding * Math.max(Math.abs(low), Math.abs(high));
}

/** A mean with how far it may be off: what an interval and a test of it are made of. */
export interface MeanError {
  readonly mean: number;
  /** The standard error. */
  readonly error: number;
  readonly degreesOfFreedom: number;
}

/**
 * Of independent values; of those with clusters, of which those of one may resemble each other (questions about one
 * text), the cluster-robust standard error with G/(G−1) for G clusters, and G−1 degrees of freedom. With each value in a
 * cluster of its own the two are equal. Source: E. Miller, "Adding Error Bars to Evals" (2024), section 2.2.
 * @param clusters of each value, by the same position
 * @returns undefined for fewer than two values, or clusters
 */
export function meanError(values: Numbers, clusters?: ArrayLike<string | number>): MeanError | undefined {
  const mean = meanOf(values);
  const { sums, sizes } = clusters === undefined ? alone(values) : clusterSums(values, clusters);
  const count = sums.length;
  if (count < 2) return undefined;
  let [squares, largest] = [0, 0];
  for (let i = 0; i < count; i++) {
    squares += (sums[i]! - mean * (sizes?.[i] ?? 1)) ** 2;
    largest = Math.max(largest, Math.abs(sums[i]!));
  }
  const error = Math.sqrt((squares * count) / (count - 1)) / values.length;
  // Values that are all alike differ in their last bits, as 0.3 − 0.2 and 0.2 − 0.1 do: that is no scatter.
  return { mean, error: error > largest * rounding ? error : 0, degreesOfFreedom: count - 1 };
}

/** By cluster: the sum of its values, and how many there are. */
export interface ClusterSums {
  readonly sums: Numbers;
  /** Absent where each has one. */
  readonly sizes?: Numbers;
}

function alone(values: Numbers): ClusterSums {
  return { sums: values };
}

/** In the order in which clusters first occur. */
export function clusterSums(values: Numbers, clusters: ArrayLike<string | number>): Required<ClusterSums> {
  const positions = new Map<string | number | undefined, number>();
  const [sums, sizes]: [number[], number[]] = [[], []];
  for (let i = 0; i < values.length; i++) {
    const position = positions.get(clusters[i]) ?? positions.size;
    positions.set(clusters[i], position);
    sums[position] = (sums[position] ?? 0) + values[i]!;
    sizes[position] = (sizes[position] ?? 0) + 1;
  }
  return { sums, sizes };
}

/** For the mean of independent values: Student's t. Two values at least. */
export function meanInterval(values: Numbers, level = defaultLevel): Interval | undefined {
  return intervalOfMean(meanError(values), level);
}

/** For the mean of values with clusters: Student's t over them. Two clusters at least. */
export function clusteredMeanInterval(
  values: Numbers,
  clusters: ArrayLike<string | number>,
  level = defaultLevel,
): Interval | undefined {
  return intervalOfMean(meanError(values, clusters), level);
}

/** Not a number for none. */
export function meanOf(values: Numbers): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  if (Number.isFinite(sum)) return sum / values.length;
  // Of numbers near the largest there are the sum is none, and yet they have a mean.
  let mean = 0;
  for (let i = 0; i < values.length; i++) mean += (values[i] ?? 0) / values.length;
  return mean;
}

/** Student's t. Undefined where nothing is known of the error. */
export function intervalOfMean(known: MeanError | undefined, level = defaultLevel): Interval | undefined {
  if (known === undefined) return undefined;
  const { mean: estimate, error, degreesOfFreedom } = known;
  const half = studentQuantile((1 + level) / 2, degreesOfFreedom) * error;
  return { estimate, low: estimate - half, high: estimate + half, level };
}

/** Means over cases, the repeats of each averaged first, with their intervals. Pure. */
import { type BootstrapInterval, bootstrapIntervals } from "../statistic/bootstrap.ts";
import { hasWidth, intervalOfMean, meanError, meanOf, wilsonInterval } from "../statistic/interval.ts";
import type { Turn } from "../turn.ts";
import type { Estimate, Interval } from "../wire/report.ts";

/** Numbers by case. */
export class MeanByCase {
  readonly #sums: number[] = [];
  readonly #counts: number[] = [];

  /** @param position of the case, whole, from 0 */
  add(position: number, value: number): void {
    this.#sums[position] = (this.#sums[position] ?? 0) + value;
    this.#counts[position] = (this.#counts[position] ?? 0) + 1;
  }

  /**
   * Each case's average, in order; without those that have no value.
   * @param clusterOf the cluster of a case, by its position; absent when cases are independent
   */
  averages(clusterOf: ClusterOf | undefined): Averages {
    const values: number[] = [];
    const clusters: number[] = [];
    this.#sums.forEach((sum, position) => {
      values.push(sum / this.#counts[position]!);
      if (clusterOf !== undefined) clusters.push(clusterOf(position));
    });
    return { values, clusters: clusterOf === undefined ? undefined : clusters };
  }

  /** How many repeats each case has, and the sum of their values. */
  *repeats(): Generator<{ readonly n: number; readonly sum: number }> {
    // `in` order would be that of text; cases without a value are holes.
    for (let position = 0; position < this.#counts.length; position++) {
      const n = this.#counts[position];
      if (n !== undefined) yield { n, sum: this.#sums[position]! };
    }
  }
}

type ClusterOf = (position: number) => number;

interface Averages {
  readonly values: readonly number[];
  readonly clusters: readonly number[] | undefined;
}

/** Of values that are 1 for yes and 0 for no. Undefined without a value. */
export function shareEstimate(mean: MeanByCase, clusterOf: ClusterOf | undefined): Estimate | undefined {
  const averages = mean.averages(clusterOf);
  return estimateOf(averages, shareInterval(averages));
}

/**
 * Of each mean; undefined without a value.
 * @param options `seed` asks for bootstrap intervals in place of Student's, which are drawn together
 */
export async function meanEstimates(
  means: readonly MeanByCase[],
  clusterOf: ClusterOf | undefined,
  { seed, turn }: { readonly seed: number | undefined; readonly turn: Turn },
): Promise<(Estimate | undefined)[]> {
  const averages: Averages[] = [];
  const intervals: (Interval | undefined)[] = [];
  for (const mean of means) {
    if (turn.isOver) await turn.pass();
    const each = mean.averages(clusterOf);
    averages.push(each);
    if (seed === undefined) intervals.push(studentInterval(each));
  }
  if (seed !== undefined) {
    intervals.push(...(await bootstrapIntervals(averages, { seed, turn })).map(asResampled));
  }
  return averages.map((each, i) => estimateOf(each, intervals[i]));
}

function estimateOf({ values }: Averages, interval: Interval | undefined): Estimate | undefined {
  const value = meanOf(values);
  // Not one of no values; and of repeats near the largest numbers there are, the sum is none.
  return Number.isFinite(value) ? { value, n: values.length, ...(interval && { interval }) } : undefined;
}

/**
 * Wilson's for independent cases that passed or did not; else Student's t, where a share is never below 0 or above 1. Of
 * cases that are all alike that has no width, so they, or their clusters, are counted as so many that passed or did not.
 */
function shareInterval(averages: Averages): Interval | undefined {
  const { values, clusters } = averages;
  const [first] = values;
  const alike = (first === 0 || first === 1) && values.every((value) => value === first);
  const independent = clusters === undefined && values.every((value) => value === 0 || value === 1);
  if (alike || independent) {
    const n = clusters === undefined ? values.length : new Set(clusters).size;
    const passed = alike ? n * first : values.filter((value) => value === 1).length;
    return withMethod(wilsonInterval(passed, n), "wilson");
  }
  const interval = studentInterval(averages);
  return interval && { ...interval, low: Math.max(0, interval.low), high: Math.min(1, interval.high) };
}

/** Over the cases, or over their clusters. */
function studentInterval({ values, clusters }: Averages): Interval | undefined {
  return withMethod(
    intervalOfMean(meanError(values, clusters)),
    clusters === undefined ? "t" : "clustered_t",
  );
}

/** Where values are far from a bell: many zeros, a few that are very large. */
function asResampled(drawn: BootstrapInterval | undefined): Interval | undefined {
  const interval = withMethod(drawn, "bootstrap");
  if (drawn === undefined || interval === undefined) return undefined;
  const { seed, samples, generator } = drawn;
  return { ...interval, resampling: { seed, samples, generator } };
}

function withMethod(
  interval: { readonly low: number; readonly high: number } | undefined,
  method: Interval["method"],
): Interval | undefined {
  if (interval === undefined || !hasWidth(interval)) return undefined;
  const { low, high } = interval;
  return { low, high, method };
}

/** A mean over cases, the repeats of each averaged first, with its interval. Pure. */
import { bootstrapIntervals } from "../statistic/bootstrap.ts";
import { clusteredMeanInterval, meanInterval, wilsonInterval } from "../statistic/interval.ts";
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
   * @param share whether the values are 1 for yes and 0 for no
   * @param clusterOf the cluster of a case, by its position; absent when cases are independent
   * @param seed of a bootstrap interval in place of Student's
   * @returns undefined without a value
   */
  estimate(
    share: boolean,
    clusterOf: ((position: number) => string) | undefined,
    seed?: number,
  ): Estimate | undefined {
    const values: number[] = [];
    const clusters: string[] = [];
    this.#sums.forEach((sum, position) => {
      values.push(sum / this.#counts[position]!);
      if (clusterOf !== undefined) clusters.push(clusterOf(position));
    });
    if (values.length === 0) return undefined;
    const value = values.reduce((sum, each) => sum + each, 0) / values.length;
    // Numbers near the largest there are: their sum is none.
    if (!Number.isFinite(value)) return undefined;
    const interval =
      seed !== undefined && !share && clusterOf === undefined
        ? resampledInterval(values, seed)
        : intervalOf(values, clusterOf === undefined ? undefined : clusters, share);
    return { value, n: values.length, ...(interval && { interval }) };
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

/**
 * Wilson's for independent cases that passed or did not; else Student's t over the cases, or over their clusters. A t
 * interval of cases that are all alike has no width, which says too much: there is none then, but of a share, where the
 * cases or clusters are counted as so many that passed or did not.
 */
function intervalOf(
  values: readonly number[],
  clusters: readonly string[] | undefined,
  share: boolean,
): Interval | undefined {
  if (share) {
    const [first] = values;
    const alike = (first === 0 || first === 1) && values.every((value) => value === first);
    const independent = clusters === undefined && values.every((value) => value === 0 || value === 1);
    if (alike || independent) {
      const n = clusters === undefined ? values.length : new Set(clusters).size;
      const passed = alike ? n * first : values.filter((value) => value === 1).length;
      return withMethod(wilsonInterval(passed, n), "wilson", share);
    }
  }
  return clusters === undefined
    ? withMethod(meanInterval(values), "t", share)
    : withMethod(clusteredMeanInterval(values, clusters), "clustered_t", share);
}

/** Where values are far from a bell: many zeros, a few that are very large. */
function resampledInterval(values: readonly number[], seed: number): Interval | undefined {
  const [drawn] = bootstrapIntervals([{ values }], { seed });
  const interval = withMethod(drawn, "bootstrap", false);
  if (drawn === undefined || interval === undefined) return undefined;
  const { samples, generator } = drawn;
  return { ...interval, resampling: { seed, samples, generator } };
}

/** A share is never below 0 or above 1, whatever t says. */
function withMethod(
  interval: { readonly low: number; readonly high: number } | undefined,
  method: Interval["method"],
  share: boolean,
): Interval | undefined {
  if (interval === undefined || !Number.isFinite(interval.high - interval.low)) return undefined;
  if (interval.low === interval.high) return undefined;
  const { low, high } = interval;
  return share ? { low: Math.max(0, low), high: Math.min(1, high), method } : { low, high, method };
}

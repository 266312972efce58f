/** By how much two runs differ in a number, and how sure that is. Pure. */
import { type Interval, hasWidth, intervalOfMean, meanOf } from "../statistic/interval.ts";
import { meanTest, pairedMeanError } from "../statistic/paired.ts";
import { resolvableMean } from "../statistic/power.ts";
import type { PairedDifference } from "../wire/comparison.ts";
import type { PairedValues } from "./pair.ts";

export interface MeanDifference {
  readonly difference: PairedDifference;
  /** These two are absent where differences are all alike, or too few. */
  readonly pValue?: number;
  readonly resolvableGap?: number;
}

/** Of means, over clusters where cases have them. */
export function meanDifference(values: PairedValues): MeanDifference {
  const known = pairedMeanError(values, values.clusters);
  const method = values.clusters === undefined ? "t" : "clustered_t";
  const [pValue, resolvableGap] = [meanTest(known), resolvableMean(known)];
  return {
    difference: asDifference(intervalOfMean(known), method, values),
    ...(pValue !== undefined && { pValue }),
    ...(resolvableGap !== undefined && { resolvableGap }),
  };
}

/** The interval, where there is one that says anything. */
export function asDifference(
  interval: Interval | undefined,
  method: PairedDifference["method"],
  { a, b }: Pick<PairedValues, "a" | "b">,
): PairedDifference {
  if (interval === undefined || !hasWidth(interval)) return { estimate: meanOf(b) - meanOf(a), method };
  const { estimate, low, high } = interval;
  return { estimate, low, high, method };
}

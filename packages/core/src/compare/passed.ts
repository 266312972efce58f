/** Which cases two runs passed, and whether what changed is more than chance. Pure. */
import { differencesOf } from "../statistic/bootstrap.ts";
import { clusterSums, meanOf } from "../statistic/interval.ts";
import { mcnemarExact, pairedDifferenceInterval } from "../statistic/paired.ts";
import { resolvableGap } from "../statistic/power.ts";
import { Turn } from "../turn.ts";
import type { PassComparison } from "../wire/comparison.ts";
import { type MeanDifference, asDifference, meanDifference } from "./difference.ts";
import {
  type Clusters,
  type ComparedColumns,
  type Pair,
  type PairedValues,
  type Pairs,
  valuesOf,
} from "./pair.ts";

export interface PassResult {
  readonly comparison: Omit<PassComparison, "adjustedPValue">;
  readonly fixed: readonly Pair[];
  readonly broken: readonly Pair[];
}

/**
 * Undefined when no case was scored in both. Where cases are repeated, one that passes more often is fixed and one that
 * passes less often is broken.
 */
export async function comparePassed(
  runs: ComparedColumns,
  matched: Pairs,
  turn = new Turn(),
): Promise<PassResult | undefined> {
  const values = await valuesOf(runs, matched, "passed", turn);
  const { a, b } = values;
  const n = a.length;
  if (n === 0) return undefined;
  const [fixed, broken]: [Pair[], Pair[]] = [[], []];
  let bothPassed = 0;
  for (let i = 0; i < n; i++) {
    if (a[i] === b[i]) {
      if (a[i]! >= 0.5) bothPassed++;
    } else (b[i]! > a[i]! ? fixed : broken).push({ first: values.first[i]!, other: values.other[i]! });
  }
  const changes = { fixed: fixed.length, broken: broken.length };
  const bothFailed = n - bothPassed - fixed.length - broken.length;
  return {
    fixed,
    broken,
    comparison: {
      n,
      table: { bothPassed, ...changes, bothFailed },
      first: meanOf(a),
      other: meanOf(b),
      ...passDifference(values, changes, runs.first.repeated || runs.other.repeated),
    },
  };
}

interface Changes {
  readonly fixed: number;
  readonly broken: number;
}

type PassDifference = MeanDifference & Pick<PassComparison, "pValue" | "test">;

/**
 * What is known of independent cases that passed or did not is exact: Tango's interval, McNemar's test, Connor's gap. Of
 * repeats there are shares to be averaged, and the test is the sign test, which McNemar's is for a single one. Cases of
 * one cluster may have changed together, so the test is over clusters as the interval is.
 */
function passDifference(values: PairedValues, { fixed, broken }: Changes, repeated: boolean): PassDifference {
  const n = values.a.length;
  if (values.clusters !== undefined) return clusteredDifference(values, values.clusters);
  const pValue = mcnemarExact(fixed, broken);
  if (repeated) return { ...meanDifference(values), pValue, test: "sign" };
  const gap = resolvableGap(n, (fixed + broken) / n);
  return {
    difference: asDifference(pairedDifferenceInterval({ gained: fixed, lost: broken, n }), "tango", values),
    pValue,
    test: "mcnemar",
    ...(gap !== undefined && { resolvableGap: gap }),
  };
}

function clusteredDifference(values: PairedValues, clusters: Clusters): PassDifference {
  const { pValue, ...known } = meanDifference(values);
  if (pValue !== undefined) return { ...known, pValue, test: "clustered_t" };
  // All clusters changed alike: each is one toss of the coin.
  const sums = Array.from(clusterSums(differencesOf(values), clusters).sums);
  const [up, down] = [sums.filter((sum) => sum > 0), sums.filter((sum) => sum < 0)];
  return { ...known, pValue: mcnemarExact(up.length, down.length), test: "sign" };
}

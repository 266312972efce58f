/** What two runs differ in, and how sure that is. Pure. */
import { type BootstrapInterval, bootstrapIntervals, differencesOf } from "../statistic/bootstrap.ts";
import { type Interval, clusterSums, meanOf } from "../statistic/interval.ts";
import {
  mcnemarExact,
  pairedDifferenceInterval,
  pairedMeanInterval,
  pairedMeanTest,
} from "../statistic/paired.ts";
import { resolvableGap } from "../statistic/power.ts";
import { pairedMedianInterval, quantile } from "../statistic/quantile.ts";
import {
  type NumberComparison,
  type PairedDifference,
  type PassComparison,
  type UsageComparison,
  usageNames,
} from "../wire/comparison.ts";
import { type ComparedColumns, type Pair, type PairedValues, type Pairs, valuesOf } from "./pair.ts";

export interface PassResult {
  readonly comparison: Omit<PassComparison, "adjustedPValue">;
  readonly fixed: readonly Pair[];
  readonly broken: readonly Pair[];
}

/**
 * Undefined when no case was scored in both. Where cases are repeated, one that passes more often is fixed and one that
 * passes less often is broken.
 */
export function comparePassed(runs: ComparedColumns, matched: Pairs): PassResult | undefined {
  const values = valuesOf(runs, matched, "passed");
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
  const changed = fixed.length + broken.length;
  const table = {
    bothPassed,
    fixed: fixed.length,
    broken: broken.length,
    bothFailed: n - bothPassed - changed,
  };
  // Its formula is of independent cases: of others so many show less.
  const gap = values.clusters === undefined ? resolvableGap(n, changed / n) : undefined;
  return {
    fixed,
    broken,
    comparison: {
      n,
      table,
      first: meanOf(a),
      other: meanOf(b),
      difference: shareDifference(runs, values, table),
      ...changeTest(runs, values, table),
      ...(gap !== undefined && { resolvableGap: gap }),
    },
  };
}

type Changes = Pick<PassComparison["table"], "fixed" | "broken">;

/** McNemar's test takes cases for independent. Where they belong together so does the test, as the interval does. */
function changeTest(
  runs: ComparedColumns,
  values: PairedValues,
  { fixed, broken }: Changes,
): Pick<PassComparison, "pValue" | "test"> {
  const { clusters } = values;
  if (clusters === undefined) {
    const repeated = runs.first.repeated || runs.other.repeated;
    return { pValue: mcnemarExact(fixed, broken), test: repeated ? "sign" : "mcnemar" };
  }
  const pValue = pairedMeanTest(values, clusters);
  if (pValue !== undefined) return { pValue, test: "clustered_t" };
  const sums = Array.from(clusterSums(differencesOf(values), clusters).sums);
  const [up, down] = [sums.filter((sum) => sum > 0), sums.filter((sum) => sum < 0)];
  return { pValue: mcnemarExact(up.length, down.length), test: "sign" };
}

function shareDifference(runs: ComparedColumns, values: PairedValues, table: Changes): PairedDifference {
  if (runs.first.repeated || runs.other.repeated || values.clusters !== undefined) {
    return meanDifference(values);
  }
  const counts = { gained: table.fixed, lost: table.broken, n: values.a.length };
  return asDifference(pairedDifferenceInterval(counts), "tango", values);
}

/** Of `score` and of each name in `scores` that both runs have, more than one case of them. */
export function compareScores(runs: ComparedColumns, matched: Pairs): NumberComparison[] {
  const measured = ["score", ...runs.first.scoreNames()].flatMap((name) => {
    const values = valuesOf(runs, matched, name);
    const [first, other] = [meanOf(values.a), meanOf(values.b)];
    // Numbers near the largest there are: their sum is none.
    const finite = Number.isFinite(first) && Number.isFinite(other) && Number.isFinite(other - first);
    return values.a.length < 2 || !finite ? [] : [{ name, values, first, other }];
  });
  const drawn = bootstrapIntervals(
    measured.map(({ values }) => ({ values: differencesOf(values), clusters: values.clusters })),
  );
  return measured.map(({ name, values, first, other }, i) => ({
    name: name.replace(/^scores\./, ""),
    n: values.a.length,
    first,
    other,
    difference: meanDifference(values),
    ...tested(values),
    ...resampled(drawn[i]),
  }));
}

function tested(values: PairedValues): Pick<NumberComparison, "pValue"> {
  const pValue = pairedMeanTest(values, values.clusters);
  return pValue === undefined ? {} : { pValue };
}

function resampled(drawn: BootstrapInterval | undefined): Pick<NumberComparison, "bootstrap"> {
  if (drawn === undefined || !Number.isFinite(drawn.high - drawn.low)) return {};
  const { low, high, seed, samples, generator } = drawn;
  return { bootstrap: { low, high, seed, samples, generator } };
}

/** Latency, tokens and cost are skewed, and a few slow answers would rule their mean: medians. */
export function compareUsage(runs: ComparedColumns, matched: Pairs): UsageComparison[] {
  return usageNames.flatMap((name): UsageComparison[] => {
    const values = valuesOf(runs, matched, name);
    const n = values.a.length;
    if (n === 0) return [];
    const differences = differencesOf(values);
    const interval = pairedMedianInterval(differences);
    const difference = interval
      ? { ...ends(interval), method: "sign" as const }
      : { estimate: medianOf(differences), method: "sign" as const };
    return [{ name, n, first: medianOf(values.a), other: medianOf(values.b), difference }];
  });
}

function medianOf(values: Float64Array): number {
  return quantile(values.toSorted(), 0.5) ?? Number.NaN;
}

function meanDifference(values: PairedValues): PairedDifference {
  const { clusters } = values;
  const interval = pairedMeanInterval(values, { clusters });
  return asDifference(interval, clusters === undefined ? "t" : "clustered_t", values);
}

/** An interval without width comes of differences that are all alike: that is too little to know, not certainty. */
function asDifference(
  interval: Interval | undefined,
  method: PairedDifference["method"],
  { a, b }: PairedValues,
): PairedDifference {
  const known = interval !== undefined && interval.low < interval.high;
  return known && Number.isFinite(interval.high - interval.low)
    ? { ...ends(interval), method }
    : { estimate: meanOf(b) - meanOf(a), method };
}

function ends({ estimate, low, high }: Interval): Pick<Interval, "estimate" | "low" | "high"> {
  return { estimate, low, high };
}

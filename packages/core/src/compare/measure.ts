/** What two runs differ in, and how sure that is. Pure. */
import { differencesOf, pairedBootstrap } from "../statistic/bootstrap.ts";
import { type Interval, meanOf } from "../statistic/interval.ts";
import { mcnemarExact, pairedDifferenceInterval, pairedMeanInterval } from "../statistic/paired.ts";
import { resolvableGap } from "../statistic/power.ts";
import { pairedMedianInterval, quantile } from "../statistic/quantile.ts";
import {
  type NumberComparison,
  type PairedDifference,
  type PassComparison,
  type UsageComparison,
  usageNames,
} from "../wire/comparison.ts";
import type { CaseColumns } from "./column.ts";
import { type Pair, type PairedValues, valuesOf } from "./pair.ts";

export interface ComparedColumns {
  readonly first: CaseColumns;
  readonly other: CaseColumns;
}

export interface PassResult {
  readonly comparison: Omit<PassComparison, "adjustedPValue">;
  readonly fixed: readonly Pair[];
  readonly broken: readonly Pair[];
}

/**
 * Undefined when no case was scored in both. Where cases are repeated, one that passes more often is fixed and one that
 * passes less often is broken, so that the test is the sign test, which McNemar's is for a single repeat.
 */
export function comparePassed(runs: ComparedColumns, matched: readonly Pair[]): PassResult | undefined {
  const values = valuesOf(runs, matched, "passed");
  const n = values.pairs.length;
  if (n === 0) return undefined;
  const { a, b } = values;
  const fixed = values.pairs.filter((_, i) => b[i]! > a[i]!);
  const broken = values.pairs.filter((_, i) => b[i]! < a[i]!);
  const bothPassed = a.filter((share, i) => share === b[i] && share >= 0.5).length;
  const table = {
    bothPassed,
    fixed: fixed.length,
    broken: broken.length,
    bothFailed: n - bothPassed - fixed.length - broken.length,
  };
  const gap = resolvableGap(n, (fixed.length + broken.length) / n);
  return {
    fixed,
    broken,
    comparison: {
      n,
      table,
      first: meanOf(a),
      other: meanOf(b),
      difference: shareDifference(runs, values, table),
      pValue: mcnemarExact(fixed.length, broken.length),
      ...(gap !== undefined && { resolvableGap: gap }),
    },
  };
}

function shareDifference(
  runs: ComparedColumns,
  values: PairedValues,
  table: { readonly fixed: number; readonly broken: number },
): PairedDifference {
  if (runs.first.repeated || runs.other.repeated || clustersOf(runs, values) !== undefined) {
    return meanDifference(runs, values);
  }
  const counts = { gained: table.fixed, lost: table.broken, n: values.pairs.length };
  return asDifference(pairedDifferenceInterval(counts), "tango", values);
}

/** Of `score` and of each name in `scores` that both runs have, more than one case of them. */
export function compareScores(runs: ComparedColumns, matched: readonly Pair[]): NumberComparison[] {
  const names = ["score", ...runs.first.scoreNames()];
  return names.flatMap((name): NumberComparison[] => {
    const values = valuesOf(runs, matched, name);
    const n = values.pairs.length;
    if (n < 2) return [];
    const drawn = pairedBootstrap(values);
    return [
      {
        name: name.replace(/^scores\./, ""),
        n,
        first: meanOf(values.a),
        other: meanOf(values.b),
        difference: meanDifference(runs, values),
        ...(drawn && {
          bootstrap: {
            low: drawn.low,
            high: drawn.high,
            seed: drawn.seed,
            samples: drawn.samples,
            generator: drawn.generator,
          },
        }),
      },
    ];
  });
}

/** Latency, tokens and cost are skewed, and a few slow answers would rule their mean: medians. */
export function compareUsage(runs: ComparedColumns, matched: readonly Pair[]): UsageComparison[] {
  return usageNames.flatMap((name): UsageComparison[] => {
    const values = valuesOf(runs, matched, name);
    const n = values.pairs.length;
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

function meanDifference(runs: ComparedColumns, values: PairedValues): PairedDifference {
  const clusters = clustersOf(runs, values);
  return asDifference(
    pairedMeanInterval(values, { clusters }),
    clusters === undefined ? "t" : "clustered_t",
    values,
  );
}

/** An interval without width comes of differences that are all alike: that is too little to know, not certainty. */
function asDifference(
  interval: Interval | undefined,
  method: PairedDifference["method"],
  { a, b }: PairedValues,
): PairedDifference {
  return interval === undefined || interval.low === interval.high
    ? { estimate: meanOf(b) - meanOf(a), method }
    : { ...ends(interval), method };
}

function ends({ estimate, low, high }: Interval): Pick<Interval, "estimate" | "low" | "high"> {
  return { estimate, low, high };
}

/** A cluster for each pair, a case without one being its own; undefined when no case names one. */
function clustersOf(
  { first }: ComparedColumns,
  { pairs }: PairedValues,
): readonly (string | number)[] | undefined {
  const named = pairs.some((pair) => first.clusterAt(pair.first) !== undefined);
  return named ? pairs.map((pair) => first.clusterAt(pair.first) ?? pair.first) : undefined;
}

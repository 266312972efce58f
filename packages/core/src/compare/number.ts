/** Scores of two runs, and what they took: latency, tokens, cost. Pure. */
import { type BootstrapInterval, bootstrapIntervals, differencesOf } from "../statistic/bootstrap.ts";
import { hasWidth, meanOf } from "../statistic/interval.ts";
import { pairedMedianInterval, quantile } from "../statistic/quantile.ts";
import { type NumberComparison, type UsageComparison, usageNames } from "../wire/comparison.ts";
import { meanDifference } from "./difference.ts";
import { type ComparedColumns, type Pairs, valuesOf } from "./pair.ts";

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
    ...meanDifference(values),
    ...resampled(drawn[i]),
  }));
}

function resampled(drawn: BootstrapInterval | undefined): Pick<NumberComparison, "bootstrap"> {
  if (drawn === undefined || !hasWidth(drawn)) return {};
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
      ? { estimate: interval.estimate, low: interval.low, high: interval.high, method: "sign" as const }
      : { estimate: medianOf(differences), method: "sign" as const };
    return [{ name, n, first: medianOf(values.a), other: medianOf(values.b), difference }];
  });
}

function medianOf(values: Float64Array): number {
  return quantile(values.toSorted(), 0.5) ?? Number.NaN;
}

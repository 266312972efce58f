/** Scores of two runs, and what they took: latency, tokens, cost. Pure. */
import {
  type BootstrapInterval,
  type Sample,
  bootstrapIntervals,
  differencesOf,
} from "../statistic/bootstrap.ts";
import { hasWidth, meanOf } from "../statistic/interval.ts";
import { pairedMedianInterval, quantile } from "../statistic/quantile.ts";
import { Turn } from "../turn.ts";
import { type NumberComparison, type UsageComparison, usageNames } from "../wire/comparison.ts";
import { meanDifference } from "./difference.ts";
import { type ComparedColumns, type Pairs, valuesOf } from "./pair.ts";

/** Of `score` and of each name in `scores` that both runs have, more than one case of them. */
export async function compareScores(
  runs: ComparedColumns,
  matched: Pairs,
  turn = new Turn(),
): Promise<NumberComparison[]> {
  const measured: { readonly known: Omit<NumberComparison, "bootstrap">; readonly sample: Sample }[] = [];
  for (const name of ["score", ...runs.first.scoreNames()]) {
    const values = await valuesOf(runs, matched, name, turn);
    const n = values.a.length;
    const [first, other] = [meanOf(values.a), meanOf(values.b)];
    // Numbers near the largest there are: their sum is none.
    const finite = Number.isFinite(first) && Number.isFinite(other) && Number.isFinite(other - first);
    if (n < 2 || !finite) continue;
    const known = {
      // One that is called as the field is keeps its whole name.
      name: name === "scores.score" ? name : name.replace(/^scores\./, ""),
      n,
      first,
      other,
      ...meanDifference(values),
    };
    measured.push({ known, sample: { values: differencesOf(values), clusters: values.clusters } });
  }
  const samples = measured.map(({ sample }) => sample);
  const drawn = await bootstrapIntervals(samples, { turn });
  return measured.map(({ known }, i) => ({ ...known, ...resampled(drawn[i]) }));
}

function resampled(drawn: BootstrapInterval | undefined): Pick<NumberComparison, "bootstrap"> {
  if (drawn === undefined || !hasWidth(drawn)) return {};
  const { low, high, seed, samples, generator } = drawn;
  return { bootstrap: { low, high, seed, samples, generator } };
}

/** Latency, tokens and cost are skewed, and a few slow answers would rule their mean: medians. */
export async function compareUsage(
  runs: ComparedColumns,
  matched: Pairs,
  turn = new Turn(),
): Promise<UsageComparison[]> {
  const compared: UsageComparison[] = [];
  for (const name of usageNames) {
    const values = await valuesOf(runs, matched, name, turn);
    const n = values.a.length;
    if (n === 0) continue;
    // Each sorts all of them.
    const difference = medianDifference(differencesOf(values));
    if (turn.isOver) await turn.pass();
    const first = medianOf(values.a);
    if (turn.isOver) await turn.pass();
    compared.push({ name, n, first, other: medianOf(values.b), difference });
  }
  return compared;
}

function medianDifference(differences: Float64Array): UsageComparison["difference"] {
  const interval = pairedMedianInterval(differences);
  if (interval === undefined) return { estimate: medianOf(differences), method: "sign" };
  const { estimate, low, high } = interval;
  return { estimate, low, high, method: "sign" };
}

function medianOf(values: Float64Array): number {
  return quantile(values.toSorted(), 0.5) ?? Number.NaN;
}

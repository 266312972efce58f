/** Which scores of a run may be shown with an interval. Pure. */
import type { Scores } from "../score/score.ts";
import type { CaseReport, Estimate, Interval } from "../wire/report.ts";

/** A score that was rounded to fewer decimals could be anything's. */
const fewestDecimals = 3;

/**
 * An interval belongs to what the cases give, a score to what the program wrote. A score is shown with one only when the
 * two are the same: its key is `accuracy`, `score` or a name in the cases' `scores`, and its value is that mean, or that
 * mean rounded to as many decimals as the score has, three at least.
 */
export function shownIntervals(scores: Scores, report: CaseReport | undefined): Record<string, Interval> {
  if (report === undefined) return {};
  const found = Object.entries(scores).flatMap(([key, score]): [string, Interval][] => {
    const estimate = estimateOf(report, key);
    return estimate?.interval !== undefined && isSame(score, estimate.value)
      ? [[key, estimate.interval]]
      : [];
  });
  return Object.fromEntries(found);
}

function estimateOf({ accuracy, score, scores }: CaseReport, key: string): Estimate | undefined {
  // What a case was rated in by that name is nearer than what we derive.
  if (Object.hasOwn(scores, key)) return scores[key];
  if (key === "accuracy") return accuracy;
  return key === "score" ? score : undefined;
}

function isSame(score: number, mean: number): boolean {
  // Sums in another order differ in the last bits.
  if (Math.abs(score - mean) <= 1e-9 * Math.max(1, Math.abs(mean))) return true;
  const decimals = /\.(\d+)$/.exec(String(score))?.[1]?.length ?? 0;
  return decimals >= fewestDecimals && Math.abs(score - mean) <= 0.5 * 10 ** -decimals * (1 + 1e-9);
}

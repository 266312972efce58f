/** The result of a comparison in plain words. Pure. */
import type {
  NumberComparison,
  PairedDifference,
  PassComparison,
  RunComparison,
} from "../wire/comparison.ts";

/** Chance of a false alarm that is accepted. */
const alpha = 0.05;

/**
 * "B is better by 4.0 points (95 % CI 0.5 to 7.5), p = 0.03: 12 fixed, 4 broken of 200." It says that one is better only
 * when the test says so; an interval around each run's own score would not do.
 * @param other the other run's label; the first is `A`
 */
export function sentenceOf(
  other: string,
  { passed, scores, matched }: Pick<RunComparison, "passed" | "scores" | "matched">,
): string {
  if (passed !== undefined) return passSentence(other, passed);
  const [score] = scores;
  if (score !== undefined) return scoreSentence(other, score);
  return matched === 0
    ? `A and ${other} have no case in common.`
    : `No case was scored in both A and ${other}.`;
}

function passSentence(other: string, passed: PassComparison): string {
  const { n, table, difference, pValue, adjustedPValue } = passed;
  const { fixed, broken } = table;
  if (fixed + broken === 0) return `A and ${other} agree on all ${n}: none fixed, none broken.`;
  const test = `${formatP(adjustedPValue)}${adjustedPValue === pValue ? "" : " (Holm)"}`;
  const flips = `${fixed} fixed, ${broken} broken of ${n}`;
  const amount = `${points(Math.abs(difference.estimate))} points`;
  const range = rangeOf(difference, (value) => points(value));
  if (adjustedPValue < alpha) {
    const verdict = fixed > broken ? "better" : "worse";
    return `${other} is ${verdict} by ${amount}${range}, ${test}: ${flips}.`;
  }
  const lead =
    difference.estimate === 0
      ? "they pass equally often"
      : `${difference.estimate > 0 ? other : "A"} passes ${amount} more`;
  return `No clear difference between A and ${other}: ${lead}${rangeOf(difference, points)}, ${test}: ${flips}.`;
}

function scoreSentence(other: string, { name, n, difference }: NumberComparison): string {
  const { estimate, low, high } = difference;
  const clear = low !== undefined && high !== undefined && (low > 0 || high < 0);
  const change = `${name} ${estimate < 0 ? "lower" : "higher"} by ${short(Math.abs(estimate))}`;
  const range = rangeOf(difference, short);
  return clear
    ? `${other} has a ${change} on average${range}, over ${n} cases.`
    : `No clear difference between A and ${other}: a ${change} on average${range}, over ${n} cases.`;
}

/** Four times in five: 80 % power. */
export function resolutionOf(passed: PassComparison | undefined): string | undefined {
  if (passed?.resolvableGap === undefined) return undefined;
  const { n, resolvableGap, table } = passed;
  const changed = points((table.fixed + table.broken) / n);
  return `${n} cases, of which ${changed} % change, show a gap of ${points(resolvableGap)} points or more four times in five.`;
}

/** Percentage points with one decimal; the sign of the difference stands in the interval's ends. */
function points(share: number): string {
  const shown = (share * 100).toFixed(1);
  return shown === "-0.0" ? "0.0" : shown;
}

function rangeOf({ low, high }: PairedDifference, format: (value: number) => string): string {
  return low === undefined || high === undefined ? "" : ` (95 % CI ${format(low)} to ${format(high)})`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function formatP(p: number): string {
  return p < 0.0001 ? "p < 0.0001" : `p = ${Number(p.toPrecision(2))}`;
}

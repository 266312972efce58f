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
  const { n, table, difference } = passed;
  const { fixed, broken } = table;
  if (fixed + broken === 0) {
    return `A and ${other} agree on ${n === 1 ? "the only case" : `all ${n} cases`}: none fixed, none broken.`;
  }
  const range = rangeText(difference, points);
  const test = testText(passed);
  const flips = `${fixed} fixed, ${broken} broken of ${n}`;
  const amount = `${points(Math.abs(difference.estimate))} points`;
  // With repeats more cases may be fixed than broken, and yet less be gained by them than lost.
  const sameWay = Math.sign(difference.estimate) === Math.sign(fixed - broken);
  if (sameWay && isClear(passed)) {
    const verdict = difference.estimate > 0 ? "better" : "worse";
    return `${other} is ${verdict} by ${amount}${range}, ${test}: ${flips}.`;
  }
  const lead =
    difference.estimate === 0
      ? "they pass equally often"
      : `${difference.estimate > 0 ? other : "A"} passes ${amount} more`;
  return `No clear difference between A and ${other}: ${lead}${range}, ${test}: ${flips}.`;
}

function scoreSentence(other: string, score: NumberComparison): string {
  const { name, n, difference } = score;
  const { estimate } = difference;
  const change = `${name} ${estimate < 0 ? "lower" : "higher"} by ${short(Math.abs(estimate))}`;
  const facts = `${change} on average${rangeText(difference, short)}${testText(score, ", ")}, over ${n} cases`;
  return isClear(score)
    ? `${other} has a ${facts}.`
    : `No clear difference between A and ${other}: a ${facts}.`;
}

/** Whether the test says so, and the interval, where there is one, does not say otherwise. */
function isClear({ adjustedPValue, difference: { low, high } }: NumberComparison | PassComparison): boolean {
  const holdsZero = low !== undefined && high !== undefined && low <= 0 && high >= 0;
  return adjustedPValue !== undefined && adjustedPValue < alpha && !holdsZero;
}

/** Four times in five: 80 % power. */
export function resolutionOf({
  passed,
  scores: [score],
}: Pick<RunComparison, "passed" | "scores">): string | undefined {
  const found = (cases: string, gap: string) => `${cases} find a true ${gap} or more four times in five.`;
  if (passed === undefined) {
    if (score?.resolvableGap === undefined) return undefined;
    return found(`${score.n} cases`, `difference in ${score.name} of ${short(score.resolvableGap)}`);
  }
  const { n, resolvableGap, table } = passed;
  if (resolvableGap === undefined) return undefined;
  const changed = points((table.fixed + table.broken) / n);
  return found(`${n} cases of which ${changed} % change`, `gap of ${points(resolvableGap)} points`);
}

/** Percentage points with one decimal. */
function points(share: number): string {
  const shown = (share * 100).toFixed(1);
  return shown === "-0.0" ? "0.0" : shown;
}

/** Of the amount that the sentence says, which has no sign: "worse by 4.0 points (95 % CI 0.5 to 7.5)". */
function rangeText({ estimate, low, high }: PairedDifference, format: (value: number) => string): string {
  if (low === undefined || high === undefined) return "";
  const [from, to] = estimate < 0 ? [-high, -low] : [low, high];
  return ` (95 % CI ${format(from)} to ${format(to)})`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function testText({ pValue, adjustedPValue }: NumberComparison | PassComparison, before = ""): string {
  if (pValue === undefined || adjustedPValue === undefined) return "";
  const p = adjustedPValue < 0.0001 ? "p < 0.0001" : `p = ${Number(adjustedPValue.toPrecision(2))}`;
  return `${before}${p}${adjustedPValue === pValue ? "" : " (Holm-corrected)"}`;
}

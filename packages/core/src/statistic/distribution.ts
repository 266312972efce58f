/**
 * Quantiles and probabilities, from jStat: one file without dependencies, where the packages of stdlib that do the same
 * are 230 and four times as large in a Lambda. Its digits agree with SciPy's to six places or more, and that is tested.
 */
import jstat from "jstat";

const { jStat } = jstat;

/** The value below which a standard normal variable is with probability `p`. */
export function normalQuantile(p: number): number {
  return jStat.normal.inv(p, 0, 1);
}

/** The value below which a t-distributed variable is with probability `p`. */
export function studentQuantile(p: number, degreesOfFreedom: number): number {
  return jStat.studentt.inv(p, degreesOfFreedom);
}

/** The probability that a t-distributed variable is as far from zero as `t`, to either side. */
export function studentTails(t: number, degreesOfFreedom: number): number {
  return Number(jStat.ibeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5));
}

/**
 * The probability of at most `k` heads in `n` throws of a fair coin. By the incomplete beta function, since jStat's own
 * `binomial.cdf` rounds to ten places: below that every p-value would be zero.
 */
export function fairCoinCdf(k: number, n: number): number {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return Number(jStat.ibeta(0.5, n - k, k + 1));
}

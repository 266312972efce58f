/**
 * The chance that at least one of `k` answers passes, from `n` answers of which `passed` did: the unbiased estimator of
 * Chen et al., "Evaluating Large Language Models Trained on Code" (2021). Undefined for fewer answers than `k`.
 */
export function passAtK(n: number, passed: number, k: number): number | undefined {
  if (k < 1 || n < k) return undefined;
  if (n - passed < k) return 1;
  let noneOf = 1;
  for (let i = n - passed + 1; i <= n; i++) noneOf *= 1 - k / i;
  return 1 - noneOf;
}

import { type MeanError, defaultLevel, twoSidedNormal } from "./interval.ts";
import { normalQuantile } from "./distribution.ts";

export const defaultPower = 0.8;

/**
 * The smallest difference between two shares of the same `n` cases that McNemar's test would find at the 5 % level with
 * 80 % power, as a share. Source: R. Connor, "Sample size for testing differences in proportions for the paired-sample
 * design", Biometrics 43 (1987), 207–211: n = (z_α √ψ + z_β √(ψ − δ²))² / δ², solved for δ. Undefined for less than 4.
 * @param discordance ψ, the share of cases that change. Where it is less than the difference asks for, it is taken to be
 * that difference: then all that change do so the same way.
 */
export function resolvableGap(
  n: number,
  discordance: number,
  { level = defaultLevel, power = defaultPower }: { level?: number; power?: number } = {},
): number | undefined {
  const alpha = twoSidedNormal(level);
  const beta = normalQuantile(power);
  const suffices = (gap: number) => {
    const changed = Math.max(discordance, gap);
    return Math.sqrt(n) * gap >= alpha * Math.sqrt(changed) + beta * Math.sqrt(changed - gap * gap);
  };
  if (!suffices(1)) return undefined;
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (suffices(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * The smallest mean difference that a test at the 5 % level would find with 80 % power, given how far the mean may be off.
 * Source: E. Miller, "Adding Error Bars to Evals" (2024), section 5. Undefined where that is not known.
 */
export function resolvableMean(
  known: MeanError | undefined,
  { level = defaultLevel, power = defaultPower }: { level?: number; power?: number } = {},
): number | undefined {
  const gap = (twoSidedNormal(level) + normalQuantile(power)) * (known?.error ?? 0);
  return gap > 0 && Number.isFinite(gap) ? gap : undefined;
}

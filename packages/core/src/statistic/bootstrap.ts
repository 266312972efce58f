import { type Interval, type Numbers, defaultLevel, meanOf } from "./interval.ts";
import { quantile } from "./quantile.ts";
import { generatorName, seededRandom } from "./random.ts";

/** With what it takes to draw the same again. */
export interface BootstrapInterval extends Interval {
  readonly seed: number;
  /** How often the mean of a resampled set was taken. */
  readonly samples: number;
  readonly generator: string;
}

export interface BootstrapOptions {
  /** A whole number. */
  readonly seed?: number;
  readonly samples?: number;
  readonly level?: number;
}

/** What is used when nobody chooses. */
export const defaultSeed = 20_240_601;

/** More draws would take seconds, and for so many values the t interval says the same. */
const maxDraws = 100_000_000;

/**
 * For the mean of values, however they are distributed: Efron's percentile interval over resampled sets. 2,000 samples
 * unless told otherwise, and for more than 50,000 values fewer, but no fewer than 500. Two values at least.
 */
export function bootstrapInterval(
  values: Numbers,
  options: BootstrapOptions = {},
): BootstrapInterval | undefined {
  const n = values.length;
  if (n < 2) return undefined;
  const { seed = defaultSeed, level = defaultLevel } = options;
  const samples = options.samples ?? Math.max(500, Math.min(2000, Math.floor(maxDraws / n)));
  const random = seededRandom(seed);
  const means = new Float64Array(samples);
  for (let sample = 0; sample < samples; sample++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[Math.floor((random() / 2 ** 32) * n)] ?? 0;
    means[sample] = sum / n;
  }
  means.sort();
  const tail = (1 - level) / 2;
  const low = quantile(means, tail) ?? Number.NaN;
  const high = quantile(means, 1 - tail) ?? Number.NaN;
  return { estimate: meanOf(values), low, high, level, seed, samples, generator: generatorName };
}

/** For the mean difference within pairs: whole pairs are resampled, which keeps what the two have in common. */
export function pairedBootstrap(
  pairs: { readonly a: Numbers; readonly b: Numbers },
  options: BootstrapOptions = {},
): BootstrapInterval | undefined {
  return bootstrapInterval(differencesOf(pairs), options);
}

/** b − a, by position. */
export function differencesOf({ a, b }: { readonly a: Numbers; readonly b: Numbers }): Float64Array {
  if (a.length !== b.length) throw new Error(`pairs of ${a.length} and ${b.length} values`);
  return Float64Array.from(a, (value, i) => (b[i] ?? 0) - value);
}

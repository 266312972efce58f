import { Turn } from "../turn.ts";
import { type Interval, type Numbers, clusterSums, defaultLevel, meanOf } from "./interval.ts";
import { quantile } from "./quantile.ts";
import { type Draw, generatorName, seededRandom } from "./random.ts";

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
  /** Of what this is a part of. */
  readonly turn?: Turn;
}

/** Values whose mean is asked for. */
export interface Sample {
  readonly values: Numbers;
  /** Of each value, where those of one cluster may resemble each other: clusters are then resampled whole. */
  readonly clusters?: ArrayLike<string | number> | undefined;
}

/** What is used when nobody chooses. */
export const defaultSeed = 20_240_601;

/** More draws would take seconds, and for so many values the t interval says the same. */
const maxDraws = 100_000_000;

/** How many resampled sets of `n` values are drawn unless told otherwise: 2,000, fewer of more than 50,000 values, never below 500. */
export function samplesFor(n: number): number {
  return Math.max(500, Math.min(2000, Math.floor(maxDraws / n)));
}

/**
 * For the mean of each sample's values, however they are distributed: Efron's percentile interval over resampled sets.
 * Undefined for fewer than two values, or clusters. Samples of one size are drawn together, each as it would be alone:
 * most of the time goes into drawing.
 */
export async function bootstrapIntervals(
  samples: readonly Sample[],
  options: BootstrapOptions = {},
): Promise<(BootstrapInterval | undefined)[]> {
  const intervals: (BootstrapInterval | undefined)[] = samples.map(() => undefined);
  const { seed = defaultSeed, level = defaultLevel, turn = new Turn() } = options;
  const resampled: (Sample & Units & { readonly position: number })[] = [];
  for (const [position, sample] of samples.entries()) {
    if (turn.isOver) await turn.pass();
    resampled.push({ ...sample, ...unitsOf(sample), position });
  }
  for (const [n, group] of Map.groupBy(resampled, ({ sums }) => sums.length)) {
    if (n < 2) continue;
    const rounds = options.samples ?? samplesFor(n);
    const means = await resampledMeans(group, { rounds, draw: seededRandom(seed), turn });
    for (const [i, { values, position }] of group.entries()) {
      const ascending = means[i]!.sort();
      const end = (share: number) => quantile(ascending, share) ?? Number.NaN;
      const [low, high] = [end((1 - level) / 2), end((1 + level) / 2)];
      const drawn = { seed, samples: rounds, generator: generatorName };
      intervals[position] = { estimate: meanOf(values), low, high, level, ...drawn };
    }
  }
  return intervals;
}

/** What is resampled: each value, or the sum of each cluster's with how many they are. */
interface Units {
  readonly sums: Float64Array;
  readonly sizes?: Float64Array;
}

function unitsOf({ values, clusters }: Sample): Units {
  if (clusters === undefined) return { sums: Float64Array.from(values) };
  const { sums, sizes } = clusterSums(values, clusters);
  return { sums: Float64Array.from(sums), sizes: Float64Array.from(sizes) };
}

/** The means of each of the units, which are as many of each, in each round. */
async function resampledMeans(
  group: readonly Units[],
  { rounds, draw, turn }: { readonly rounds: number; readonly draw: Draw; readonly turn: Turn },
): Promise<Float64Array[]> {
  const n = group[0]?.sums.length ?? 0;
  const means = group.map(() => new Float64Array(rounds));
  // How often each unit was drawn: once on average. 256 times cannot be met by chance, of however many.
  const counts = new Uint8Array(n);
  const block = new Uint32Array(4096);
  for (let round = 0; round < rounds; round++) {
    if (turn.isOver) await turn.pass();
    drawCounts(counts, block, draw);
    for (const [i, { sums, sizes }] of group.entries()) {
      means[i]![round] = weightedSum(sums, counts) / (sizes === undefined ? n : weightedSum(sizes, counts));
    }
  }
  return means;
}

function drawCounts(counts: Uint8Array, block: Uint32Array, draw: Draw): void {
  const n = counts.length;
  counts.fill(0);
  for (let left = n; left > 0; left -= block.length) {
    const part = left < block.length ? block.subarray(0, left) : block;
    draw(part);
    for (let i = 0; i < part.length; i++) counts[Math.floor((part[i]! / 2 ** 32) * n)]!++;
  }
}

function weightedSum(values: Float64Array, weights: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * weights[i]!;
  return sum;
}

/** b − a, by position. */
export function differencesOf({ a, b }: { readonly a: Numbers; readonly b: Numbers }): Float64Array {
  if (a.length !== b.length) throw new Error(`pairs of ${a.length} and ${b.length} values`);
  const differences = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) differences[i] = b[i]! - a[i]!;
  return differences;
}

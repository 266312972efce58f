import {
  fairCoinCdf,
  normalQuantile,
  studentQuantile,
  studentTails,
} from "@benchgen/core/statistic/distribution.ts";
import { clusteredMeanInterval, meanInterval, wilsonInterval } from "@benchgen/core/statistic/interval.ts";
import {
  mcnemarExact,
  meanTest,
  pairedDifferenceInterval,
  pairedMeanError,
} from "@benchgen/core/statistic/paired.ts";
import { pairedMedianInterval, quantile } from "@benchgen/core/statistic/quantile.ts";
import { xoshiro128 } from "@benchgen/core/statistic/random.ts";
import { describe, expect, test } from "vitest";
import { askPython, pythonWithScipy } from "../support/scipy.ts";

/** Each name's answers, computed by SciPy and NumPy, and where those have none, from the definition by another way. */
const program = `
import json, sys
import numpy as np
from scipy import optimize, stats

def t_interval(x):
    return list(stats.t.interval(0.95, len(x) - 1, loc=np.mean(x), scale=stats.sem(x)))

def clustered(x, groups):
    # The sandwich of a regression on a constant, with G/(G-1).
    x, groups = np.array(x), np.array(groups)
    ones = np.ones((len(x), 1))
    bread = np.linalg.inv(ones.T @ ones)
    residual = x - x.mean()
    names = np.unique(groups)
    meat = sum(np.outer(s, s) for s in (ones[groups == g].T @ residual[groups == g] for g in names))
    se = float(np.sqrt((bread @ meat @ bread)[0, 0] * len(names) / (len(names) - 1)))
    t = stats.t.ppf(0.975, len(names) - 1)
    return [x.mean() - t * se, x.mean() + t * se]

def tango(b, c, n):
    # The constrained maximum of the likelihood found numerically, not by Tango's closed form.
    def statistic(d):
        low, high = max(0, -d), (1 - d) / 2
        def cost(q):
            terms = ((b, q + d), (c, q), (n - b - c, 1 - 2 * q - d))
            return -sum(k * np.log(max(p, 1e-300)) for k, p in terms if k)
        q = optimize.minimize_scalar(cost, bounds=(low, high), method="bounded", options={"xatol": 1e-13}).x
        return (b - c - n * d) / np.sqrt(n * (2 * q + d - d * d))
    z, d = stats.norm.ppf(0.975), (b - c) / n
    return [optimize.brentq(lambda x: statistic(x) - z, -1 + 1e-9, d), optimize.brentq(lambda x: statistic(x) + z, d, 1 - 1e-9)]

def median(x):
    # By all ranks in turn.
    x, n = sorted(x), len(x)
    k = max(k for k in range(1, n) if stats.binom.cdf(k - 1, n, 0.5) <= 0.025)
    return [x[k - 1], x[n - k]]

def xoshiro(state, count):
    s, m, out = list(state), 0xFFFFFFFF, []
    rot = lambda x, k: ((x << k) | (x >> (32 - k))) & m
    for _ in range(count):
        out.append(rot(s[1] * 5 & m, 7) * 9 & m)
        t = s[1] << 9 & m
        s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t
        s[3] = rot(s[3], 11)
    return out

answers = {
    "student": lambda p, d: stats.t.ppf(p, d),
    "tails": lambda t, d: 2 * stats.t.sf(abs(t), d),
    "paired": lambda a, b: stats.ttest_rel(b, a).pvalue,
    "normal": lambda p: stats.norm.ppf(p),
    "coin": lambda k, n: stats.binom.cdf(k, n, 0.5),
    "wilson": lambda k, n: list(stats.binomtest(k, n).proportion_ci(method="wilson")),
    "mcnemar": lambda b, c: stats.binomtest(b, b + c, 0.5).pvalue,
    "mean": t_interval, "clustered": clustered, "tango": tango, "median": median,
    "quantile": lambda x, q: float(np.quantile(x, q)),
    "xoshiro": xoshiro,
}
asked = json.load(sys.stdin)
print(json.dumps([answers[name](*given) for name, given in asked]))
`;

const sample = Array.from({ length: 57 }, (_, i) => Math.sin(i * 12.9898) * 40 + i);
const groups = sample.map((_, i) => i % 9);
const ends = (interval: { low: number; high: number } | undefined) => [interval?.low, interval?.high];

type Question = readonly [name: string, given: readonly unknown[], ours: number | (number | undefined)[]];

const questions: Question[] = [
  ...[1, 2, 3, 9, 30, 199, 10_000, 200_000].flatMap((d) =>
    [0.9, 0.975, 0.995].map((p): Question => ["student", [p, d], studentQuantile(p, d)]),
  ),
  ...[1, 4, 99, 1999, 199_999].flatMap((d) =>
    [0.01, 1, 1.96, -3, 9].map((t): Question => ["tails", [t, d], studentTails(t, d)]),
  ),
  [
    "paired",
    [sample, sample.toReversed()],
    meanTest(pairedMeanError({ a: sample, b: sample.toReversed() })) ?? Number.NaN,
  ],
  ...[0.8, 0.975, 0.9995].map((p): Question => ["normal", [p], normalQuantile(p)]),
  ...[
    [5, 20],
    [40, 200],
    [400, 1000],
    [49_000, 100_000],
  ].map(([k = 0, n = 0]): Question => ["coin", [k, n], fairCoinCdf(k, n)]),
  ...[
    [8, 10],
    [0, 30],
    [30, 30],
    [199_000, 200_000],
  ].map(([k = 0, n = 0]): Question => ["wilson", [k, n], ends(wilsonInterval(k, n))]),
  ...[
    [5, 15],
    [0, 6],
    [7, 7],
    [1200, 1350],
  ].map(([b = 0, c = 0]): Question => ["mcnemar", [b, c], mcnemarExact(b, c)]),
  ...[
    [12, 4, 200],
    [3, 9, 40],
    [1, 7, 12],
    [20, 25, 5000],
    [0, 5, 30],
  ].map(([gained = 0, lost = 0, n = 0]): Question => [
    "tango",
    [gained, lost, n],
    ends(pairedDifferenceInterval({ gained, lost, n })),
  ]),
  ["mean", [sample], ends(meanInterval(sample))],
  ["clustered", [sample, groups], ends(clusteredMeanInterval(sample, groups))],
  ...[0, 0.05, 0.5, 0.95, 1].map((q): Question => [
    "quantile",
    [sample, q],
    quantile(
      sample.toSorted((a, b) => a - b),
      q,
    ) ?? Number.NaN,
  ]),
  ...[6, 9, 20, 57].map((n): Question => [
    "median",
    [sample.slice(0, n)],
    ends(pairedMedianInterval(sample.slice(0, n))),
  ]),
  ["xoshiro", [[1, 2, 3, 4], 1000], draws(1000)],
];

function draws(count: number): number[] {
  const block = new Uint32Array(count);
  xoshiro128([1, 2, 3, 4])(block);
  return [...block];
}

describe("SciPy computes the same", () => {
  if (pythonWithScipy === undefined) {
    test("NOT TESTED: no Python with SciPy here", ({ skip }) => skip("install python3-scipy"));
    return;
  }
  const theirs = askPython(
    pythonWithScipy,
    program,
    questions.map(([name, given]) => [name, given]),
  ) as (number | number[])[];
  const facts = questions.map(([name, given, ours], i) => ({
    title: `${name} of ${JSON.stringify(given).slice(0, 60)}`,
    pairs: [ours]
      .flat()
      .map((value, j) => [value ?? Number.NaN, [theirs[i] ?? []].flat()[j] ?? Number.NaN] as const),
  }));
  test.each(facts)("$title", ({ pairs }) => {
    for (const [ours, expected] of pairs) {
      // Six digits, also of a p-value of 1e-18: what jStat's quantiles and the search for Tango's ends both have.
      expect(Math.abs(ours - expected)).toBeLessThanOrEqual(1e-6 * Math.abs(expected));
    }
  });
});

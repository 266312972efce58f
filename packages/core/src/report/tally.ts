/** What cases come to. Pure; keeps some numbers of each case, none of its texts but ids and clusters. */
import { countOutcome, hasCountedScores, noCases } from "../case/outcome.ts";
import type { StoredCase } from "../case/stored.ts";
import { numberClusters } from "../statistic/cluster.ts";
import { passAtK } from "../statistic/pass-at-k.ts";
import { quantile } from "../statistic/quantile.ts";
import { Turn } from "../turn.ts";
import type { CaseReport, Estimate } from "../wire/report.ts";
import { MeanByCase, meanEstimates, shareEstimate } from "./mean.ts";

/** Names in `scores` that get a mean; a program may make one up for every case. */
const maxScoreNames = 50;
/** Categories that are listed. */
const maxCategories = 24;
/** More repeats than this say nothing new about the chance to pass one. */
const maxK = 100;

export class CaseTally {
  readonly #seed: number | undefined;
  #counts = noCases;
  readonly #positions = new Map<string, number>();
  readonly #clusters: (string | undefined)[] = [];
  readonly #resultsOf: number[] = [];
  readonly #passed = new MeanByCase();
  readonly #score = new MeanByCase();
  readonly #scores = new Map<string, MeanByCase>();
  readonly #latencies: number[] = [];
  readonly #tokens = { n: 0, input: new Sum(), output: new Sum() };
  readonly #cost = { n: 0, total: 0 };
  #measured = 0;
  readonly #refusals = { total: 0, suspected: 0 };
  readonly #failures = new Map<string, number>();

  /** @param seed for bootstrap intervals of means, in place of Student's */
  constructor(seed?: number) {
    this.#seed = seed;
  }

  /** @param task index: cases of different tasks are different, whatever their ids */
  add(task: number, result: StoredCase): void {
    const { outcome, failure, score, scores = {} } = result;
    this.#counts = countOutcome(this.#counts, outcome);
    const position = this.#positionOf(
      `${task}\n${result.id}`,
      result.cluster && `${task}\n${result.cluster}`,
    );
    if (outcome.status !== "not_scored") this.#passed.add(position, outcome.status === "passed" ? 1 : 0);
    if (hasCountedScores(outcome)) {
      if (score !== undefined) this.#score.add(position, score);
      for (const [name, value] of Object.entries(scores)) this.#meanOf(name)?.add(position, value);
    }
    this.#addUsage(result);
    if (failure === undefined) return;
    this.#failures.set(failure.category, (this.#failures.get(failure.category) ?? 0) + 1);
    if (failure.category !== "refusal") return;
    this.#refusals.total++;
    if (failure.confidence === "low") this.#refusals.suspected++;
  }

  #positionOf(key: string, cluster: string | undefined): number {
    const position = this.#positions.get(key) ?? this.#positions.size;
    this.#positions.set(key, position);
    this.#resultsOf[position] = (this.#resultsOf[position] ?? 0) + 1;
    this.#clusters[position] ??= cluster;
    return position;
  }

  #meanOf(name: string): MeanByCase | undefined {
    const known = this.#scores.get(name);
    if (known !== undefined || this.#scores.size >= maxScoreNames) return known;
    const made = new MeanByCase();
    this.#scores.set(name, made);
    return made;
  }

  #addUsage({ latencyMs, inputTokens, outputTokens, costUsd, measured }: StoredCase): void {
    if (measured !== undefined) this.#measured++;
    if (latencyMs !== undefined) this.#latencies.push(latencyMs);
    if (inputTokens !== undefined || outputTokens !== undefined) {
      this.#tokens.n++;
      this.#tokens.input.add(inputTokens);
      this.#tokens.output.add(outputTokens);
    }
    if (costUsd === undefined) return;
    this.#cost.n++;
    this.#cost.total += costUsd;
  }

  async result(): Promise<CaseReport> {
    const turn = new Turn();
    const clusters = await this.#clusterNumbers(turn);
    const clusterOf = clusters && ((position: number) => clusters[position]!);
    const repeats = this.#resultsOf.reduce((most, n) => Math.max(most, n), 1);
    const accuracy = shareEstimate(this.#passed, clusterOf);
    if (turn.isOver) await turn.pass();
    const means = [this.#score, ...this.#scores.values()];
    const [score, ...estimates] = await meanEstimates(means, clusterOf, { seed: this.#seed, turn });
    const scores = [...this.#scores.keys()].flatMap((name, i): [string, Estimate][] => {
      const estimate = estimates[i];
      return estimate === undefined ? [] : [[name, estimate]];
    });
    if (turn.isOver) await turn.pass();
    const latencyMs = latencyOf(this.#latencies);
    return {
      counts: this.#counts,
      cases: this.#positions.size,
      repeats,
      ...(clusters && { clusters: new Set(clusters).size }),
      ...(accuracy && { accuracy }),
      ...(score && { score }),
      scores: Object.fromEntries(scores),
      passAtK: repeats > 1 ? chancesOf([...this.#passed.repeats()]) : [],
      ...(this.#measured > 0 && { measured: this.#measured }),
      ...(latencyMs && { latencyMs }),
      ...this.#tokensOf(),
      costUsd: this.#costOf(),
      refusals: this.#refusals,
      failures: [...this.#failures]
        .map(([category, count]) => ({ category, count }))
        .sort((a, b) => b.count - a.count)
        .slice(0, maxCategories),
    };
  }

  /** Cases that name none are a cluster each. Undefined when none does, or every case has its own. */
  async #clusterNumbers(turn: Turn): Promise<Uint32Array | undefined> {
    if (this.#clusters.every((cluster) => cluster === undefined)) return undefined;
    return numberClusters(this.#clusters.length, (position) => this.#clusters[position] ?? position, turn);
  }

  /** What no result states is unknown, and not zero. */
  #tokensOf(): Pick<CaseReport, "tokens"> {
    const { n, input, output } = this.#tokens;
    if (n === 0) return {};
    return {
      tokens: {
        n,
        ...(input.n > 0 && { input: input.total, inputPerCase: input.total / input.n }),
        ...(output.n > 0 && { output: output.total, outputPerCase: output.total / output.n }),
      },
    };
  }

  /** One unknown price makes the sum unknown: what is known of it would look like less. */
  #costOf(): CaseReport["costUsd"] {
    const { n, total } = this.#cost;
    const known = n > 0 && n === this.#counts.total;
    return { n, total: known ? total : null, perCase: known ? total / n : null };
  }
}

/** Of what is known. */
class Sum {
  n = 0;
  total = 0;

  add(value: number | undefined): void {
    if (value === undefined) return;
    this.n++;
    this.total += value;
  }
}

function latencyOf(values: readonly number[]): CaseReport["latencyMs"] {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  const at = (q: number) => quantile(sorted, q) ?? mean;
  return { n: sorted.length, mean, p50: at(0.5), p95: at(0.95) };
}

/** For k from 1 to the fewest scored repeats of a case: with more, some cases would have to be left out. */
function chancesOf(repeats: readonly { readonly n: number; readonly sum: number }[]): CaseReport["passAtK"] {
  const fewest = repeats.reduce((least, { n }) => Math.min(least, n), maxK);
  if (repeats.length === 0) return [];
  return Array.from({ length: fewest }, (_, i) => i + 1).map((k) => ({
    k,
    value:
      repeats.reduce((sum, { n, sum: passed }) => sum + (passAtK(n, passed, k) ?? 0), 0) / repeats.length,
  }));
}

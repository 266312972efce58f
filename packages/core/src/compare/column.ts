/** The cases of a run as columns of numbers: what a comparison needs of 200,000 cases in some 40 MB. */
import type { StoredCase } from "../case/stored.ts";
import { usageNames } from "../wire/comparison.ts";

/** Names in `scores` that are compared; a program may make one up for every case. */
const maxScoreNames = 16;

/** Where the summary of a case lies. */
export interface CasePlace {
  readonly task: number;
  /** Bytes, in the task's summaries. */
  readonly offset: number;
  readonly length: number;
}

/** Sums and counts by position, so that repeats are averaged. */
class Averages {
  #sums = new Float64Array(1024);
  #counts = new Uint32Array(1024);

  add(position: number, value: number): void {
    if (position >= this.#sums.length) {
      const size = Math.max(position + 1, this.#sums.length * 2);
      const [sums, counts] = [new Float64Array(size), new Uint32Array(size)];
      sums.set(this.#sums);
      counts.set(this.#counts);
      [this.#sums, this.#counts] = [sums, counts];
    }
    this.#sums[position] = (this.#sums[position] ?? 0) + value;
    this.#counts[position] = (this.#counts[position] ?? 0) + 1;
  }

  /** Undefined where there was no value. */
  at(position: number): number | undefined {
    const count = this.#counts[position] ?? 0;
    return count === 0 ? undefined : (this.#sums[position] ?? 0) / count;
  }
}

/** A run's cases, by position in the order of their first repeats. */
export class CaseColumns {
  readonly #positions = new Map<string, number>();
  readonly #contents: string[] = [];
  readonly #places: CasePlace[] = [];
  readonly #clusters = new Map<number, string>();
  readonly #measures = new Map<string, Averages>();
  #repeated = false;

  get size(): number {
    return this.#contents.length;
  }

  /** Whether any case has more than one repeat. */
  get repeated(): boolean {
    return this.#repeated;
  }

  /** @param key what the case is paired by */
  add(key: string, stored: StoredCase, place: CasePlace): void {
    let position = this.#positions.get(key);
    if (position === undefined) {
      position = this.size;
      this.#positions.set(key, position);
      this.#contents.push(stored.content);
      this.#places.push(place);
      if (stored.cluster !== undefined) this.#clusters.set(position, stored.cluster);
    } else this.#repeated = true;
    const { outcome, score, scores } = stored;
    if (outcome.status !== "not_scored")
      this.#measure("passed", position, outcome.status === "passed" ? 1 : 0);
    this.#measure("score", position, score);
    for (const [name, value] of Object.entries(scores ?? {})) {
      this.#measure(`scores.${name}`, position, value);
    }
    for (const name of usageNames) this.#measure(name, position, stored[name]);
  }

  #measure(name: string, position: number, value: number | undefined): void {
    if (value === undefined) return;
    let averages = this.#measures.get(name);
    if (averages === undefined) {
      if (name.startsWith("scores.") && this.scoreNames().length >= maxScoreNames) return;
      averages = new Averages();
      this.#measures.set(name, averages);
    }
    averages.add(position, value);
  }

  keys(): IterableIterator<[key: string, position: number]> {
    return this.#positions.entries();
  }

  positionOf(key: string): number | undefined {
    return this.#positions.get(key);
  }

  /** Equal for equal input and target. */
  contentAt(position: number): string | undefined {
    return this.#contents[position];
  }

  placeAt(position: number): CasePlace {
    return this.#places[position]!;
  }

  clusterAt(position: number): string | undefined {
    return this.#clusters.get(position);
  }

  /** The average over a case's repeats: of `passed` (1 or 0), `score`, `scores.NAME`, or a name of usage. */
  valueAt(name: string, position: number): number | undefined {
    return this.#measures.get(name)?.at(position);
  }

  /** Those that `scores` of any case names. */
  scoreNames(): string[] {
    return [...this.#measures.keys()].filter((name) => name.startsWith("scores."));
  }
}

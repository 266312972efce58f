/** The cases of a run as columns of numbers: what a comparison needs of 200,000 cases in some 50 MB. Pure. */
import type { CaseGroup } from "../case/column-file.ts";
import { maxScoreColumns } from "../case/column-writer.ts";

/** Where the summary of a case lies. */
export interface CasePlace {
  readonly task: number;
  /** Bytes, in the task's summaries. */
  readonly offset: number;
  readonly length: number;
}

/** Sums and counts by position, so that repeats are averaged. */
export class Averages {
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;

  constructor(size: number) {
    this.#sums = new Float64Array(size);
    this.#counts = new Uint32Array(size);
  }

  add(position: number, value: number): void {
    this.#sums[position]! += value;
    this.#counts[position]!++;
  }

  has(position: number): boolean {
    return this.#counts[position]! > 0;
  }

  /** Not a number where there was no value. */
  at(position: number): number {
    return this.#sums[position]! / this.#counts[position]!;
  }
}

/** A run's cases, by position in the order of their first repeats. */
export class CaseColumns {
  readonly #capacity: number;
  readonly #positions = new Map<string, number>();
  readonly #contents: Float64Array;
  readonly #tasks: Uint32Array;
  readonly #offsets: Float64Array;
  readonly #lengths: Uint32Array;
  readonly #clusters = new Map<number, string>();
  readonly #numbers = new Map<string, Averages>();
  #repeated = false;
  /** Of the summaries so far, of the task that was added last. */
  #end = { task: -1, offset: 0 };

  /** @param capacity results that will be added, repeats included */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#contents = new Float64Array(capacity);
    this.#tasks = new Uint32Array(capacity);
    this.#offsets = new Float64Array(capacity);
    this.#lengths = new Uint32Array(capacity);
  }

  get size(): number {
    return this.#positions.size;
  }

  /** Whether any case has more than one repeat. */
  get repeated(): boolean {
    return this.#repeated;
  }

  /** Whether any case belongs to a cluster. */
  get clustered(): boolean {
    return this.#clusters.size > 0;
  }

  /** Groups in the order of the file, task by task. */
  add(task: number, { ids, contents, lengths, clusters, numbers }: CaseGroup): void {
    if (this.#end.task !== task) this.#end = { task, offset: 0 };
    const positions = ids.map((id, row) => {
      const key = `${task} ${id}`;
      const length = lengths[row]!;
      const offset = this.#end.offset;
      this.#end.offset += length;
      const known = this.#positions.get(key);
      if (known !== undefined) {
        this.#repeated = true;
        return known;
      }
      const position = this.size;
      this.#positions.set(key, position);
      this.#contents[position] = contents[row]!;
      this.#tasks[position] = task;
      this.#offsets[position] = offset;
      this.#lengths[position] = length;
      const cluster = clusters?.[row];
      if (cluster !== undefined) this.#clusters.set(position, `${task} ${cluster}`);
      return position;
    });
    for (const [name, values] of numbers) {
      const averages = this.#averagesOf(name);
      if (averages === undefined) continue;
      for (const [row, value] of values.entries()) {
        if (value !== undefined) averages.add(positions[row]!, value);
      }
    }
  }

  #averagesOf(name: string): Averages | undefined {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    // Each task has no more than so many, but a run may have many tasks.
    if (name.startsWith("scores.") && this.scoreNames().length >= maxScoreColumns) return undefined;
    const made = new Averages(this.#capacity);
    this.#numbers.set(name, made);
    return made;
  }

  /** By task and id. */
  keys(): IterableIterator<[key: string, position: number]> {
    return this.#positions.entries();
  }

  positionOf(key: string): number | undefined {
    return this.#positions.get(key);
  }

  /** Equal for equal input and target. */
  contentAt(position: number): number {
    return this.#contents[position]!;
  }

  placeAt(position: number): CasePlace {
    return {
      task: this.#tasks[position]!,
      offset: this.#offsets[position]!,
      length: this.#lengths[position]!,
    };
  }

  /** Of different tasks they are different, whatever their names. */
  clusterAt(position: number): string | undefined {
    return this.#clusters.get(position);
  }

  /** Averages over a case's repeats: of `passed` (1 or 0), `score`, `scores.NAME`, or a name of usage. */
  numbers(name: string): Averages | undefined {
    return this.#numbers.get(name);
  }

  /** Those that `scores` of any case names. */
  scoreNames(): string[] {
    return [...this.#numbers.keys()].filter((name) => name.startsWith("scores."));
  }
}

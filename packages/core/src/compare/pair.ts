/** The cases of two runs, side by side. Pure. */
import { numberClusters } from "../statistic/cluster.ts";
import { Turn, smallSteps } from "../turn.ts";
import type { CaseColumns } from "./column.ts";

/** Positions of the same case in the first run and in the other. */
export interface Pair {
  readonly first: number;
  readonly other: number;
}

/** Many pairs: one is at the same place in both lists. */
export interface Pairs {
  readonly first: Uint32Array;
  readonly other: Uint32Array;
}

export interface PairedCases {
  /** With equal input and target, in the first run's order. */
  readonly matched: Pairs;
  /** Found in both under one id, with another input or target: not the same question. */
  readonly changed: readonly Pair[];
  readonly onlyInFirst: readonly number[];
  readonly onlyInOther: readonly number[];
}

export interface ComparedColumns {
  readonly first: CaseColumns;
  readonly other: CaseColumns;
}

/** Pairs by task and id. */
export async function pairCases({ first, other }: ComparedColumns, turn = new Turn()): Promise<PairedCases> {
  const matched = { first: new Uint32Array(first.size), other: new Uint32Array(first.size) };
  const changed: Pair[] = [];
  const onlyInFirst: number[] = [];
  const onlyInOther: number[] = [];
  let count = 0;
  for (const [key, position] of first.keys()) {
    if (position % smallSteps === 0 && turn.isOver) await turn.pass();
    const found = other.positionOf(key);
    if (found === undefined) onlyInFirst.push(position);
    else if (first.contentAt(position) !== other.contentAt(found)) {
      changed.push({ first: position, other: found });
    } else {
      matched.first[count] = position;
      matched.other[count] = found;
      count++;
    }
  }
  for (const [key, position] of other.keys()) {
    if (position % smallSteps === 0 && turn.isOver) await turn.pass();
    if (first.positionOf(key) === undefined) onlyInOther.push(position);
  }
  return { matched: firstOf(matched, count), changed, onlyInFirst, onlyInOther };
}

function firstOf({ first, other }: Pairs, count: number): Pairs {
  return { first: first.subarray(0, count), other: other.subarray(0, count) };
}

/** One for each pair, numbered as they first occur; a case without one is its own. */
export type Clusters = Uint32Array;

/** Pairs for which both runs have a number, and the numbers. */
export interface PairedValues extends Pairs {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly clusters: Clusters | undefined;
}

/** @param name of a number, as columns have it */
export async function valuesOf(
  runs: ComparedColumns,
  matched: Pairs,
  name: string,
  turn: Turn,
): Promise<PairedValues> {
  const [one, two] = [runs.first.numbers(name), runs.other.numbers(name)];
  const all = one === undefined || two === undefined ? 0 : matched.first.length;
  const values = {
    first: new Uint32Array(all),
    other: new Uint32Array(all),
    a: new Float64Array(all),
    b: new Float64Array(all),
  };
  let count = 0;
  for (let i = 0; i < all; i++) {
    if (i % smallSteps === 0 && turn.isOver) await turn.pass();
    const [first, other] = [matched.first[i]!, matched.other[i]!];
    if (!one!.has(first) || !two!.has(other)) continue;
    values.first[count] = first;
    values.other[count] = other;
    values.a[count] = one!.at(first);
    values.b[count] = two!.at(other);
    count++;
  }
  const pairs = firstOf(values, count);
  const clusters = await clustersOf(runs, pairs, turn);
  return { ...pairs, a: values.a.subarray(0, count), b: values.b.subarray(0, count), clusters };
}

/**
 * As the first run says, or, where it names none, as the other does. Undefined when neither names any, or every case has
 * its own: then they are independent.
 */
export async function clustersOf(
  { first, other }: ComparedColumns,
  pairs: Pairs,
  turn: Turn,
): Promise<Clusters | undefined> {
  if (!first.clustered && !other.clustered) return undefined;
  const clusterAt = (place: number) => {
    const position = pairs.first[place]!;
    return first.clusterAt(position) ?? other.clusterAt(pairs.other[place]!) ?? position;
  };
  return numberClusters(pairs.first.length, clusterAt, turn);
}

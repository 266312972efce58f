/** Runs over the same cases: each with the first. */
import type { RunCases } from "../case/list.ts";
import type { Ports } from "../ports.ts";
import { defaultLevel } from "../statistic/interval.ts";
import { holm } from "../statistic/multiple.ts";
import { Turn } from "../turn.ts";
import {
  type ComparedRun,
  type Comparison,
  type NumberComparison,
  type PassComparison,
  type RunComparison,
  exampleCount,
} from "../wire/comparison.ts";
import type { CaseColumns } from "./column.ts";
import { compareScores, compareUsage } from "./number.ts";
import { type ComparedColumns, type Pair, type PairedCases, clustersOf, pairCases } from "./pair.ts";
import { type PassResult, comparePassed } from "./passed.ts";
import { type ExampleRuns, readColumns, readExamples } from "./read.ts";
import { resolutionOf, sentenceOf } from "./sentence.ts";

export interface ComparableRun {
  readonly shown: ComparedRun;
  readonly cases: RunCases;
  /** What makes it less comparable with the first than it seems. */
  readonly notes: readonly string[];
}

type Unsettled = Omit<RunComparison, "sentence" | "resolution" | "passed"> & {
  readonly passed: PassResult["comparison"] | undefined;
};

/**
 * In memory of two runs' numbers, about 200 bytes a case each, however many runs there are.
 * @param examples cases shown of those that were fixed, and of those that broke
 */
export async function compareCases(
  ports: Pick<Ports, "blobs">,
  [first, ...others]: readonly [ComparableRun, ...ComparableRun[]],
  examples: number = exampleCount.default,
): Promise<Comparison> {
  const turn = new Turn();
  const columns = await readColumns(ports, first.cases, turn);
  const unsettled: Unsettled[] = [];
  for (const other of others)
    unsettled.push(await comparePair(ports, { run: first, columns, examples, turn }, other));
  return { version: 1, level: defaultLevel, first: first.shown, comparisons: settle(unsettled) };
}

async function comparePair(
  ports: Pick<Ports, "blobs">,
  first: {
    readonly run: ComparableRun;
    readonly columns: CaseColumns;
    readonly examples: number;
    readonly turn: Turn;
  },
  run: ComparableRun,
): Promise<Unsettled> {
  const { turn } = first;
  const columns = await readColumns(ports, run.cases, turn);
  const runs = { first: first.columns, other: columns };
  const cases = await pairCases(runs, turn);
  const passed = await comparePassed(runs, cases.matched, turn);
  const sources: ExampleRuns = {
    first: { id: first.run.shown.id, columns: first.columns },
    other: { id: run.shown.id, columns },
  };
  const listed = async (pairs: readonly Partial<Pair>[], shown: number = exampleCount.default) => ({
    count: pairs.length,
    examples: await readExamples(ports, sources, pairs.slice(0, shown)),
  });
  return {
    run: run.shown,
    notes: [...run.notes, ...(await notesOf(runs, cases, turn))],
    matched: cases.matched.first.length,
    fixed: await listed(passed?.fixed ?? [], first.examples),
    broken: await listed(passed?.broken ?? [], first.examples),
    changed: await listed(cases.changed),
    onlyInFirst: await listed(cases.onlyInFirst.map((position) => ({ first: position }))),
    onlyInOther: await listed(cases.onlyInOther.map((position) => ({ other: position }))),
    notScored: countNotScored(runs, cases),
    passed: passed?.comparison,
    scores: await compareScores(runs, cases.matched, turn),
    usage: await compareUsage(runs, cases.matched, turn),
  };
}

/** How cases were counted, where it is not one by one. */
async function notesOf(runs: ComparedColumns, { matched }: PairedCases, turn: Turn): Promise<string[]> {
  const repeated = runs.first.repeated || runs.other.repeated;
  const clusters = await clustersOf(runs, matched, turn);
  return [
    ...(repeated
      ? ["Cases are repeated: one is fixed when it passes more often, broken when less often."]
      : []),
    ...(clusters === undefined
      ? []
      : [`Cases belong together in ${new Set(clusters).size} clusters: intervals and tests are over those.`]),
  ];
}

function countNotScored(runs: ComparedColumns, { matched }: PairedCases): RunComparison["notScored"] {
  const counts = { first: 0, other: 0, both: 0 };
  const [one, two] = [runs.first.numbers("passed"), runs.other.numbers("passed")];
  for (let i = 0; i < matched.first.length; i++) {
    const scored = [one?.has(matched.first[i]!) === true, two?.has(matched.other[i]!) === true] as const;
    if (!scored[0] && !scored[1]) counts.both++;
    else if (!scored[0]) counts.first++;
    else if (!scored[1]) counts.other++;
  }
  return counts;
}

/** With all of them known their p-values can be corrected, and the result said in words. Pure. */
function settle(unsettled: readonly Unsettled[]): RunComparison[] {
  const tested = unsettled.flatMap(({ passed }) => (passed === undefined ? [] : [passed.pValue]));
  const correctPassed = correction(tested);
  return unsettled.map(({ passed: result, ...rest }) => {
    const passed: PassComparison | undefined = result && {
      ...result,
      adjustedPValue: correctPassed(result.pValue),
    };
    const scores = rest.scores.map((score): NumberComparison => {
      if (score.pValue === undefined) return score;
      const same = unsettled.flatMap((pair) => pair.scores.filter(({ name }) => name === score.name));
      const correct = correction(same.flatMap(({ pValue }) => pValue ?? []));
      return { ...score, adjustedPValue: correct(score.pValue) };
    });
    const resolution = resolutionOf({ passed, scores });
    return {
      ...rest,
      scores,
      sentence: sentenceOf(rest.run.label, { passed, scores, matched: rest.matched }),
      ...(resolution !== undefined && { resolution }),
      ...(passed && { passed }),
    };
  });
}

/** What each of the p-values becomes, for there being all of them. */
function correction(pValues: readonly number[]): (pValue: number) => number {
  const adjusted = holm(pValues);
  return (pValue) => adjusted[pValues.indexOf(pValue)] ?? pValue;
}

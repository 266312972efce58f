/** From the scores of a run's tasks to the values on its leaderboards. Pure, and the same on every repeat. */
import type { Column, Computation, Leaderboard } from "../bundle/manifest.ts";
import type { Reason } from "../wire/reason.ts";
import {
  type ColumnResult,
  type ColumnScores,
  type TaskScores,
  scoreOf,
  toColumnScores,
  unscoredOf,
} from "./score.ts";

/** A run's values on one leaderboard: every column of it, computed ones included. */
export interface BoardScores {
  /** The leaderboard's key. */
  readonly key: string;
  readonly overall: ColumnScores;
  /** By task index, ascending. */
  readonly tasks: readonly TaskScores[];
}

/**
 * The values of one run, per leaderboard, per task and overall.
 *
 * Overall, a column is the mean over the tasks that wrote it: tasks may have scoring programs of their own, with
 * columns of their own. But where a task did write it and it is no finite number, the column is unscored overall too:
 * leaving out the task one failed at would raise the mean.
 * A computed column is computed from the values of its columns that are there, per task from that task's, overall from
 * the overall ones; with none there it is unscored. Sums run by task index, then by column index, so that a repeat
 * gives the same bits.
 */
export function scoreRun(
  leaderboards: readonly Leaderboard[],
  tasks: readonly TaskScores[],
): readonly BoardScores[] {
  const ordered = [...tasks].sort((a, b) => a.index - b.index);
  return leaderboards.map((leaderboard) => ({
    key: leaderboard.key,
    overall: withComputed(leaderboard, (column) => meanOver(ordered, column.key)),
    tasks: ordered.map((task) => ({
      index: task.index,
      ...withComputed(leaderboard, (column) => resultOf(task, column.key)),
    })),
  }));
}

/** A run's values over all leaderboards, for events and lists. Where two share a column key, the first one's counts. */
export function runScores(boards: readonly BoardScores[]): ColumnScores {
  const results = new Map<string, ColumnResult>();
  for (const { overall } of boards) {
    for (const key of [...Object.keys(overall.scores), ...Object.keys(overall.unscored)]) {
      if (!results.has(key)) results.set(key, resultOf(overall, key));
    }
  }
  return toColumnScores(results);
}

/** Why a run fails although its programs succeeded: no column has a value in any task. */
export function nothingScored(tasks: readonly TaskScores[]): Reason | undefined {
  if (tasks.some((task) => Object.keys(task.scores).length > 0)) return undefined;
  const reasons = new Set(
    tasks.flatMap((task) =>
      Object.entries(task.unscored).map(([key, { code, message }]) =>
        // What is missing is named already.
        code === "missing" ? message : `Column "${key}": ${message}`,
      ),
    ),
  );
  return {
    code: "nothing_scored",
    message: ["No column of the leaderboard has a value.", ...[...reasons].slice(0, 3)].join(" "),
    hint: "The keys in scores.json must be the keys of the leaderboard's columns, each with a finite number.",
  };
}

function resultOf(scores: ColumnScores, key: string): ColumnResult {
  const value = scoreOf(scores.scores, key);
  if (value !== undefined) return { value };
  return {
    unscored: unscoredOf(scores.unscored, key) ?? { code: "missing", message: "It was not written." },
  };
}

function meanOver(tasks: readonly TaskScores[], key: string): ColumnResult {
  const values: number[] = [];
  let missing: ColumnResult | undefined;
  for (const task of tasks) {
    const result = resultOf(task, key);
    if ("value" in result) values.push(result.value);
    else if (result.unscored.code === "missing") missing ??= result;
    else {
      const { code, message } = result.unscored;
      return tasks.length === 1 ? result : { unscored: { code, message: `Task ${task.index}: ${message}` } };
    }
  }
  return compute("avg", values) ?? missing ?? resultOf({ scores: {}, unscored: {} }, key);
}

function withComputed(leaderboard: Leaderboard, written: (column: Column) => ColumnResult): ColumnScores {
  const byIndex = new Map(leaderboard.columns.map((column) => [column.index, column]));
  const results = new Map<number, ColumnResult>();
  const resolve = (column: Column): ColumnResult => {
    const known = results.get(column.index);
    if (known !== undefined) return known;
    // Stands while its own inputs are looked at. Bundles with a cycle are rejected; one from elsewhere must end too.
    results.set(column.index, noInputs);
    const result =
      column.computation === undefined ? written(column) : fromColumns(column, column.computation);
    results.set(column.index, result);
    return result;
  };
  const fromColumns = (column: Column, computation: Computation): ColumnResult => {
    const inputs = new Set(column.computationIndexes);
    const values = [...inputs]
      .sort((a, b) => a - b)
      .flatMap((index) => byIndex.get(index) ?? [])
      .map(resolve)
      .flatMap((result) => ("value" in result ? result.value : []));
    return compute(computation, values) ?? noInputs;
  };
  return toColumnScores(leaderboard.columns.map((column) => [column.key, resolve(column)]));
}

const noInputs: ColumnResult = {
  unscored: { code: "missing", message: "None of the columns it is computed from has a value." },
};

/** Undefined when there is nothing to compute from. */
function compute(computation: Computation, values: readonly number[]): ColumnResult | undefined {
  if (values.length === 0) return undefined;
  const value = reducers[computation](values);
  return Number.isFinite(value)
    ? { value }
    : { unscored: { code: "not_finite", message: "The values are too large to be added up." } };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const reducers: Readonly<Record<Computation, (values: readonly number[]) => number>> = {
  avg: (values) => sum(values) / values.length,
  sum,
  min: (values) => values.reduce((least, value) => Math.min(least, value)),
  max: (values) => values.reduce((greatest, value) => Math.max(greatest, value)),
};

/**
 * Verdicts put over groups and reports that were made of rules alone. Pure. A verdict says where its case was, so it is
 * moved without reading the cases again, however many there are.
 */
import { signatureOf } from "../case/signature.ts";
import { byCount, maxExamples, shownGroups } from "../report/group.ts";
import type { CaseReference, CaseSummary } from "../wire/case.ts";
import type { CaseReport, FailureCategory, FailureGroup, RunFailures, RunReport } from "../wire/report.ts";
import type { Verdict, Verdicts } from "./verdict.ts";

type Readable = Verdict & { readonly category: NonNullable<Verdict["category"]> };

function readable(verdicts: Verdicts): Readable[] {
  return [...verdicts.values()].filter((verdict): verdict is Readable => verdict.category !== undefined);
}

export function regroupFailures(failures: RunFailures, verdicts: Verdicts): RunFailures {
  const moves = readable(verdicts);
  if (moves.length === 0) return failures;
  const categories = new Map(failures.categories.map((each) => [each.category, structuredClone(each)]));
  for (const verdict of moves) {
    const from = categories.get(verdict.before.category);
    // Of categories that are not listed nothing is known but their sum; a move out of it would be a guess.
    if (from === undefined) continue;
    takeOut(from, verdict);
    const to = categories.get(verdict.category) ?? emptyCategory(verdict.category);
    categories.set(verdict.category, to);
    putIn(to, verdict);
  }
  const left = [...categories.values()].filter(({ count }) => count > 0);
  return { ...failures, categories: left.map(withOthers).sort(byCount) };
}

function takeOut(category: FailureCategory, verdict: Readable): void {
  category.count--;
  category.sources.rule = (category.sources.rule ?? 1) - 1;
  if (category.sources.rule === 0) delete category.sources.rule;
  if (verdict.before.confidence === "low") category.suspected--;
  const group = category.groups.find(({ signature }) => signature === verdict.before.signature);
  if (group === undefined) return;
  group.count--;
  group.examples = group.examples.filter((example) => !isSame(example, verdict));
}

function putIn(category: FailureCategory, verdict: Readable): void {
  const { task, id, epoch, explanation } = verdict;
  category.count++;
  category.suspected++;
  category.sources.judge = (category.sources.judge ?? 0) + 1;
  const signature = signatureOf(explanation);
  let group = category.groups.find((each) => each.signature === signature);
  if (group === undefined) {
    group = { signature, count: 0, examples: [] };
    category.groups.push(group);
  }
  group.count++;
  if (group.examples.length < maxExamples) group.examples.push({ task, id, epoch });
}

/** Whether verdicts took examples of a group that has more cases to show. Pure. */
export function lacksExamples({ categories }: RunFailures): boolean {
  return categories.some(({ groups }) =>
    groups.some(({ count, examples }) => examples.length < Math.min(count, maxExamples)),
  );
}

/** Groups with more examples, out of cases as they are seen now. Pure. */
export function withExamples(failures: RunFailures, cases: readonly CaseSummary[]): RunFailures {
  const alike = Map.groupBy(cases, ({ failure }) => JSON.stringify([failure?.category, failure?.signature]));
  const filled = (category: string, group: FailureGroup): FailureGroup => {
    const more = (alike.get(JSON.stringify([category, group.signature])) ?? [])
      .filter((found) => !group.examples.some((example) => isSame(example, found)))
      .map(({ task, id, epoch, input, output }) => ({
        task,
        id,
        epoch,
        ...(input && { input }),
        ...(output && { output }),
      }));
    return { ...group, examples: [...group.examples, ...more].slice(0, maxExamples) };
  };
  const categories = failures.categories.map((each) => ({
    ...each,
    groups: each.groups.map((group) => filled(each.category, group)),
  }));
  return { ...failures, categories };
}

function emptyCategory(category: string): FailureCategory {
  return { category, count: 0, sources: {}, suspected: 0, groups: [], others: 0 };
}

function withOthers(category: FailureCategory): FailureCategory {
  const groups: FailureGroup[] = category.groups
    .filter(({ count }) => count > 0)
    .sort(byCount)
    .slice(0, shownGroups);
  return { ...category, groups, others: category.count - groups.reduce((sum, { count }) => sum + count, 0) };
}

function isSame(a: CaseReference, b: CaseReference): boolean {
  return a.task === b.task && a.id === b.id && a.epoch === b.epoch;
}

export function judgedReport(report: RunReport, verdicts: Verdicts): RunReport {
  const moves = readable(verdicts);
  if (moves.length === 0) return report;
  return {
    ...report,
    ...(report.overall && { overall: recount(report.overall, moves) }),
    tasks: report.tasks.map((task) => ({
      ...task,
      report: recount(
        task.report,
        moves.filter((verdict) => verdict.task === task.index),
      ),
    })),
  };
}

function recount(report: CaseReport, moves: readonly Readable[]): CaseReport {
  const counts = new Map(report.failures.map(({ category, count }) => [category, count]));
  const refusals = { ...report.refusals };
  for (const { before, category } of moves) {
    counts.set(before.category, (counts.get(before.category) ?? 1) - 1);
    counts.set(category, (counts.get(category) ?? 0) + 1);
    if (before.category === "refusal") {
      refusals.total--;
      if (before.confidence === "low") refusals.suspected--;
    }
    if (category === "refusal") {
      refusals.total++;
      refusals.suspected++;
    }
  }
  const failures = [...counts]
    .map(([category, count]) => ({ category, count }))
    .filter(({ count }) => count > 0);
  return { ...report, refusals, failures: failures.sort(byCount) };
}

/** Failures in groups: by category, and in it by signature. Pure, in bounded memory. */
import type { StoredCase } from "../case/stored.ts";
import type { FailureCategory, FailureGroup, RunFailures } from "../wire/report.ts";

/** Categories, and signatures of each, that are told apart; programs may make up one for every case. */
const maxCategories = 100;
const maxSignatures = 2000;
/** Groups of a category that are listed, and examples of each. */
export const shownGroups = 20;
export const maxExamples = 3;

interface Category {
  count: number;
  suspected: number;
  readonly sources: Partial<Record<"program" | "rule" | "judge", number>>;
  readonly groups: Map<string, { count: number; examples: FailureGroup["examples"] }>;
}

export class FailureGroups {
  readonly #categories = new Map<string, Category>();
  #total = 0;
  #others = 0;

  add(task: number, { id, epoch, failure, input, output }: StoredCase): void {
    if (failure === undefined) return;
    this.#total++;
    const category = this.#categoryOf(failure.category);
    if (category === undefined) {
      this.#others++;
      return;
    }
    category.count++;
    if (failure.confidence === "low") category.suspected++;
    category.sources[failure.source] = (category.sources[failure.source] ?? 0) + 1;
    let group = category.groups.get(failure.signature);
    if (group === undefined && category.groups.size < maxSignatures) {
      group = { count: 0, examples: [] };
      category.groups.set(failure.signature, group);
    }
    if (group === undefined) return;
    group.count++;
    if (group.examples.length >= maxExamples) return;
    group.examples.push({ task, id, epoch, ...(input && { input }), ...(output && { output }) });
  }

  #categoryOf(name: string): Category | undefined {
    const known = this.#categories.get(name);
    if (known !== undefined || this.#categories.size >= maxCategories) return known;
    const made: Category = { count: 0, suspected: 0, sources: {}, groups: new Map() };
    this.#categories.set(name, made);
    return made;
  }

  result(): Pick<RunFailures, "total" | "categories" | "others"> {
    const categories = [...this.#categories].map(([category, { groups, ...facts }]): FailureCategory => {
      const listed = [...groups]
        .map(([signature, group]) => ({ signature, ...group }))
        .sort(byCount)
        .slice(0, shownGroups);
      const inListed = listed.reduce((sum, { count }) => sum + count, 0);
      return { category, ...facts, groups: listed, others: facts.count - inListed };
    });
    return { total: this.#total, categories: categories.sort(byCount), others: this.#others };
  }
}

/** Stable: what came first stays first among equals. */
export function byCount(a: { readonly count: number }, b: { readonly count: number }): number {
  return b.count - a.count;
}

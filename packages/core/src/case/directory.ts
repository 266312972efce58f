/** What is known of a task's cases without reading them: kept in the task's record. */
import * as z from "zod";
import { type CaseOutcomeStatus, caseCountsSchema, caseOutcomes } from "../wire/case.ts";
import type { StoredCase } from "./stored.ts";

const sectionSchema = z.object({
  outcome: z.enum(caseOutcomes).optional(),
  category: z.string().optional(),
  /** Cases in it. */
  count: z.int(),
  /** Of a blob that holds its summaries only; absent where there is none, as of few cases. */
  bytes: z.int().optional(),
});
export type CaseSection = z.infer<typeof sectionSchema>;

export const caseDirectorySchema = z.object({
  counts: caseCountsSchema,
  /** Of all summaries. */
  bytes: z.int(),
  /** Those that can be listed on their own: by outcome, and by each of the most frequent categories. */
  sections: z.array(sectionSchema),
  /** Whether there are no other categories than those with a section. */
  categoriesComplete: z.boolean(),
  /** What was wrong with the file: lines without a case, and findings of both levels. */
  problems: z.object({ lost: z.int(), findings: z.int() }),
});
export type CaseDirectory = z.infer<typeof caseDirectorySchema>;

export interface CaseFilter {
  readonly outcome?: CaseOutcomeStatus | undefined;
  readonly category?: string | undefined;
}

export function matches({ outcome, failure }: StoredCase, filter: CaseFilter): boolean {
  return (
    (filter.outcome === undefined || outcome.status === filter.outcome) &&
    (filter.category === undefined || failure?.category === filter.category)
  );
}

/** Where the cases that match are read from. */
export interface CaseList {
  /** Position of the section; undefined: among all. */
  readonly section: number | undefined;
  readonly bytes: number;
  /** Cases in the list, whether or not they match. */
  readonly count: number;
}

/** The shortest list that has every case that matches; undefined when none does. Pure. */
export function listFor(directory: CaseDirectory, filter: CaseFilter): CaseList | undefined {
  const { sections, categoriesComplete } = directory;
  const relevant = [...sections.entries()].filter(([, section]) =>
    section.outcome === undefined ? section.category === filter.category : section.outcome === filter.outcome,
  );
  const known = relevant.some(([, { category }]) => category !== undefined);
  if (filter.category !== undefined && !known && categoriesComplete) return undefined;
  if (relevant.some(([, { count }]) => count === 0)) return undefined;
  const all: CaseList = { section: undefined, bytes: directory.bytes, count: directory.counts.total };
  const lists = relevant.flatMap(([section, { bytes, count }]): CaseList[] =>
    bytes === undefined ? [] : [{ section, bytes, count }],
  );
  const shortest = [all, ...lists].reduce((best, list) => (list.bytes < best.bytes ? list : best));
  return shortest.count === 0 ? undefined : shortest;
}

/** Categories that get a section of their own. */
const maxCategories = 24;
/** Categories that are counted; a program may make one up for every case. */
const maxCounted = 1000;

/** Counts cases by outcome and category, and remembers of each, in order, which they were. */
export class SectionCounter {
  readonly #outcomes = new Map<CaseOutcomeStatus, number>(caseOutcomes.map((outcome) => [outcome, 0]));
  readonly #categories = new Map<string, { readonly category: string; count: number }>();
  #complete = true;
  readonly #outcomeOf: CaseOutcomeStatus[] = [];
  /** Each category is one string, however many cases have it. */
  readonly #categoryOf: (string | undefined)[] = [];

  add({ outcome, failure }: StoredCase): void {
    this.#outcomes.set(outcome.status, this.#outcomes.get(outcome.status)! + 1);
    this.#outcomeOf.push(outcome.status);
    this.#categoryOf.push(failure && this.#counted(failure.category)?.category);
  }

  #counted(category: string): { readonly category: string } | undefined {
    const known = this.#categories.get(category);
    if (known === undefined && this.#categories.size >= maxCounted) {
      this.#complete = false;
      return undefined;
    }
    const counted = known ?? { category, count: 0 };
    counted.count++;
    this.#categories.set(category, counted);
    return counted;
  }

  /** Whether the case at that position, from 0 in the order in which they were added, is in one of the sections. */
  has(position: number, { outcome, category }: CaseSection): boolean {
    return outcome === undefined
      ? this.#categoryOf[position] === category
      : this.#outcomeOf[position] === outcome;
  }

  result(): Pick<CaseDirectory, "sections" | "categoriesComplete"> {
    const outcomes = [...this.#outcomes].map(([outcome, count]) => ({ outcome, count }));
    const categories = [...this.#categories.values()]
      .map(({ category, count }) => ({ category, count }))
      .sort((a, b) => b.count - a.count || (a.category < b.category ? -1 : 1));
    return {
      sections: [...outcomes, ...categories.slice(0, maxCategories)],
      categoriesComplete: this.#complete && categories.length <= maxCategories,
    };
  }
}

/** A run's cases by page, at a cost that does not grow with their number. */
import { type Verdicts, listedFilter, noVerdicts, withVerdict } from "../judge/verdict.ts";
import type { Page, Ports } from "../ports.ts";
import { type CaseSummary, caseSummarySchema } from "../wire/case.ts";
import type { RunId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { type CaseQuery, decodeCursor, encodeCursor } from "./cursor.ts";
import { type CaseDirectory, type CaseList, listFor, matches } from "./directory.ts";
import { scanSummaries } from "./scan.ts";
import { searchCases } from "./search.ts";
import type { StoredCase } from "./stored.ts";

/** The cases of one task, as its record knows them. */
export interface TaskCases {
  readonly index: number;
  readonly directory: CaseDirectory;
}

export interface RunCases {
  readonly id: RunId;
  /** In order. */
  readonly tasks: readonly TaskCases[];
  /** Of a judge, put over what rules say of the cases. */
  readonly verdicts?: Verdicts | undefined;
}

/** A case that matches, or none: then that much was looked through, and the page ends. */
interface Step {
  readonly case?: StoredCase;
  /** Where to go on, bytes. */
  readonly next: number;
}

/** Tasks a page reads from: a run may have many, each with few cases that match. */
const maxTasks = 8;
/** Summaries a page looks at where no list holds just those that match. */
const maxScanned = 20_000;

/**
 * The cases that match, by task and in the order in which they were written. Mostly one range request a page. A page
 * may have fewer cases than asked for, even none, and still a cursor: that much was looked through.
 * @param query `limit` from 1
 * @throws InvalidInput `cursor_invalid`
 */
export async function pageOfCases(
  ports: Pick<Ports, "blobs">,
  run: RunCases,
  query: CaseQuery & { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<CaseSummary>> {
  const items: CaseSummary[] = [];
  const from = query.cursor === undefined ? { task: 0, offset: 0 } : decodeCursor(query, query.cursor);
  const { id: runId, verdicts = noVerdicts } = run;
  const lists = listsOf(run, query).filter(({ index }) => index >= from.task);
  for (const [position, { index, list }] of lists.entries()) {
    const start = index === from.task ? from.offset : 0;
    const more = position + 1 < lists.length;
    const cursorAt = (offset: number) => encodeCursor(query, { task: index, offset });
    if (position >= maxTasks) return { items, cursor: cursorAt(0) };
    for await (const step of stepsOf(
      ports,
      { runId, taskIndex: index, list, verdicts },
      { ...query, start },
    )) {
      if (step.case !== undefined) items.push(toSummary(index, step.case));
      if (step.case !== undefined && items.length < query.limit) continue;
      const over = step.next >= list.bytes && !more;
      return over ? { items } : { items, cursor: cursorAt(step.next) };
    }
  }
  return { items };
}

/** Which list of each task has the cases that match. A search needs the whole of each task: its blocks are those of all. */
function listsOf(run: RunCases, query: CaseQuery): { index: number; list: CaseList }[] {
  return run.tasks.flatMap(({ index, directory }) => {
    if (query.task !== undefined && index !== query.task) return [];
    const list = listFor(directory, listedFilter(query, run.verdicts ?? noVerdicts));
    if (list === undefined) return [];
    const { bytes, counts } = directory;
    const all: CaseList = { section: undefined, bytes, count: counts.total };
    return [{ index, list: query.q === undefined ? list : all }];
  });
}

interface TaskList {
  readonly runId: RunId;
  readonly taskIndex: number;
  readonly list: CaseList;
  readonly verdicts: Verdicts;
}

async function* stepsOf(
  { blobs }: Pick<Ports, "blobs">,
  { runId, taskIndex, list, verdicts }: TaskList,
  query: CaseQuery & { readonly start: number; readonly limit: number },
): AsyncGenerator<Step> {
  const { q, start, limit } = query;
  if (q !== undefined) {
    yield* searchCases(blobs, { runId, taskIndex, verdicts }, { ...query, q: q.toLowerCase() });
    return;
  }
  const { section, bytes: end, count } = list;
  const part = section === undefined ? "summary.jsonl" : (`section-${section}.jsonl` as const);
  const filtered = query.outcome !== undefined || query.category !== undefined;
  // A little more than so many cases have on average; those that match may lie anywhere among all.
  const expected = filtered && section === undefined ? end : Math.ceil((end / count) * limit * 1.2);
  let scanned = 0;
  for await (const step of scanSummaries(blobs, blobKey.cases(runId, taskIndex, part), {
    start,
    end,
    expected,
  })) {
    const seen = withVerdict(verdicts, taskIndex, step.case);
    if (matches(seen, query)) yield { case: seen, next: step.next };
    else if (++scanned >= maxScanned) yield { next: step.next };
  }
}

/** What the API shows of a stored case. */
function toSummary(task: number, stored: StoredCase): CaseSummary {
  return caseSummarySchema.parse({ task, ...stored });
}

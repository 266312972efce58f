/** Columns of cases for tests, made as a run's are: written to a file and read from it. */
import { array, boolean, integer, option, record } from "fast-check";
import { chunks } from "../bundle/byte-source.ts";
import { readGroups } from "../case/column-file.ts";
import { ColumnWriter } from "../case/column-writer.ts";
import type { StoredCase } from "../case/stored.ts";
import { CaseColumns } from "./column.ts";
import type { ComparedColumns } from "./pair.ts";

export interface Written {
  readonly id: number;
  /** Null: not scored. */
  readonly passed: boolean | null;
  readonly epoch?: number;
  /** Of the question: equal numbers are the same one. */
  readonly content?: number;
  readonly cluster?: string;
  readonly score?: number;
  readonly scores?: Record<string, number>;
  readonly latencyMs?: number;
}

/** Of each task the cases, in the order in which they were written; every summary is said to have one byte. */
export async function columnsOf(...tasks: readonly (readonly Written[])[]): Promise<CaseColumns> {
  const columns = new CaseColumns(tasks.flat().length);
  for (const [task, cases] of tasks.entries()) {
    const writer = new ColumnWriter();
    const groups = [...cases.map((each) => writer.add(storedOf(each), 1)), writer.end()];
    const file = chunks(groups.filter((group) => group !== undefined));
    for await (const group of readGroups(file)) columns.add(task, group);
  }
  return columns;
}

export async function runsOf(first: readonly Written[], other: readonly Written[]): Promise<ComparedColumns> {
  return { first: await columnsOf(first), other: await columnsOf(other) };
}

function storedOf({ id, passed, epoch = 1, content = 0, ...more }: Written): StoredCase {
  const outcome: StoredCase["outcome"] =
    passed === null
      ? { status: "not_scored", reason: { code: "no_verdict", message: "" } }
      : { status: passed ? "passed" : "failed" };
  const hash = String(content).padEnd(32, "0");
  return { id: String(id), epoch, outcome, content: hash, line: 1, at: [0, 0], ...more };
}

/** Some of 30 cases, in any order, each once, some with another content. */
export const written = array(
  record({
    id: integer({ min: 0, max: 29 }),
    passed: option(boolean()),
    content: integer({ min: 0, max: 1 }),
  }),
  { maxLength: 40 },
).map((cases) => [...new Map(cases.map((each) => [each.id, each])).values()]);

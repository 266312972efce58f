/** Where a list of cases goes on. */
import { hashOf } from "../port/canonical-json.ts";
import type { CaseFilter } from "./directory.ts";
import { notAPlace } from "./scan.ts";

export interface CaseQuery extends CaseFilter {
  /** Only of this task. */
  readonly task?: number | undefined;
  /** Only those in which this occurs, in whatever case. */
  readonly q?: string | undefined;
}

export interface CasePlace {
  /** Index of the task. */
  readonly task: number;
  /** Bytes, in the list that the query reads. */
  readonly offset: number;
}

/** A cursor belongs to its query: an offset in one list is nothing in another. */
export function encodeCursor(query: CaseQuery, { task, offset }: CasePlace): string {
  return Buffer.from(JSON.stringify([markOf(query), task, offset])).toString("base64url");
}

/** @throws InvalidInput `cursor_invalid` */
export function decodeCursor(query: CaseQuery, cursor: string): CasePlace {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch (error) {
    throw notAPlace(error);
  }
  const [mark, task, offset] = Array.isArray(parts) ? (parts as unknown[]) : [];
  if (mark !== markOf(query) || !isPlace(task) || !isPlace(offset)) throw notAPlace();
  return { task, offset };
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function markOf({ task, outcome, category, q }: CaseQuery): string {
  return hashOf([task ?? null, outcome ?? null, category ?? null, q ?? null]).slice(0, 12);
}

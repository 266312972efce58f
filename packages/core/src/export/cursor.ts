/** Where a file of cases goes on that is read in slices. */
import * as z from "zod";
import type { CaseQuery } from "../case/cursor.ts";
import type { TaskCases } from "../case/list.ts";
import { notAPlace } from "../case/scan.ts";
import { Conflict } from "../error.ts";
import type { Verdicts } from "../judge/verdict.ts";
import { hashOf } from "../port/canonical-json.ts";
import type { CaseExportFormat } from "../wire/case-export.ts";
import type { FilePlace } from "./format.ts";

/** What a file is made of: an offset in one is nothing in another. */
export interface FileSource {
  readonly query: CaseQuery & { readonly format: CaseExportFormat };
  readonly tasks: readonly TaskCases[];
  readonly verdicts: Verdicts;
}

const whole = z.int().min(0);
const cursorSchema = z.tuple([z.string(), z.string(), whole, whole, whole]);

export function encodeFileCursor(source: FileSource, { task, offset, records }: FilePlace): string {
  const parts = [queryMark(source), contentMark(source), task, offset, records];
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/**
 * @throws InvalidInput `cursor_invalid` for one of another file; Conflict `export_changed` when the cases, or what a judge
 * says of them, have changed since: a file of both would be neither
 */
export function decodeFileCursor(source: FileSource, cursor: string): FilePlace {
  let parts: z.output<typeof cursorSchema>;
  try {
    parts = cursorSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch (error) {
    throw notAPlace(error);
  }
  const [query, content, task, offset, records] = parts;
  if (query !== queryMark(source)) throw notAPlace();
  if (content !== contentMark(source)) {
    throw new Conflict("export_changed", "The run's cases, or what is said of them, changed meanwhile.", {
      hint: "Export them again from the beginning, once the run and whoever judges it are done.",
    });
  }
  return { task, offset, records };
}

function queryMark({ query: { task, outcome, category, q, format } }: FileSource): string {
  return hashOf([task ?? null, outcome ?? null, category ?? null, q ?? null, format]).slice(0, 12);
}

function contentMark({ tasks, verdicts }: FileSource): string {
  const sizes = tasks.map(({ index, directory: { bytes, counts } }) => [index, bytes, counts.total]);
  const said = [...verdicts].map(([key, { judge, category = null, explanation }]) => [
    key,
    judge,
    category,
    explanation,
  ]);
  return hashOf([sizes, said]).slice(0, 12);
}

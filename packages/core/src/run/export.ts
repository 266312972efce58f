/** A run's cases as a file, as those who may see them ask for it. */
import type { Principal } from "../access/principal.ts";
import type { CaseQuery } from "../case/cursor.ts";
import { Conflict } from "../error.ts";
import { type FileSource, decodeFileCursor, encodeFileCursor } from "../export/cursor.ts";
import { type FilePart, type FilePlace, caseFormats, formatCases } from "../export/format.ts";
import { type Slice, type SliceLimits, defaultSliceLimits, sliceOf } from "../export/slice.ts";
import { wholeCases } from "../export/whole-case.ts";
import { loadVerdicts } from "../judge/verdict.ts";
import type { Clock, Ports } from "../ports.ts";
import type { CaseExportFormat } from "../wire/case-export.ts";
import type { RunId } from "../wire/id.ts";
import { loadTaskCases, requireCasesVisible, requireTask } from "./case.ts";
import { requireCasesKept } from "./missing-file.ts";
import { loadOwnRun } from "./read.ts";

type ExportPorts = Pick<Ports, "table" | "blobs" | "clock">;
export type ExportQuery = CaseQuery & { readonly format: CaseExportFormat };

interface FileHead {
  readonly contentType: string;
  /** Names environment, version and run. */
  readonly filename: string;
}

export interface CaseFile extends FileHead {
  readonly content: AsyncIterable<string>;
}

export interface CaseFileSlice extends FileHead, Pick<Slice, "content"> {
  /** Asks for the next slice; absent of the last. */
  readonly cursor?: string;
}

/**
 * The cases that match, whole, written while they are read: memory does not grow with them. Those that lack what the
 * format is made of are left out.
 * @param maxMs how long that may take, where answers have a time limit; reading `content` then throws Conflict
 * `export_too_large`
 * @throws NotFound also for a task the run does not have; Forbidden `output_hidden`
 */
export async function exportCases(
  ports: ExportPorts,
  principal: Principal,
  runId: RunId,
  query: ExportQuery,
  maxMs = Number.POSITIVE_INFINITY,
): Promise<CaseFile> {
  const { head, parts } = await openFile(ports, principal, runId, query);
  return { ...head, content: textsOf(parts(), ports.clock, maxMs) };
}

/**
 * As much of the same file as one answer holds, and where the next slice begins: put together they are that file, byte
 * for byte.
 * @param from the cursor of the slice before; the first slice without one
 * @throws as `exportCases`; InvalidInput `cursor_invalid`; Conflict `export_changed` when the cursor is of other cases than
 * there are now
 */
export async function exportSlice(
  ports: ExportPorts,
  principal: Principal,
  runId: RunId,
  query: ExportQuery,
  { cursor, limits = defaultSliceLimits }: { cursor?: string | undefined; limits?: SliceLimits } = {},
): Promise<CaseFileSlice> {
  const { head, source, parts } = await openFile(ports, principal, runId, query);
  const begin = cursor === undefined ? undefined : decodeFileCursor(source, cursor);
  const { content, next } = await sliceOf(parts(begin), limits, ports.clock);
  return { ...head, content, ...(next && { cursor: encodeFileCursor(source, next) }) };
}

interface OpenFile {
  readonly head: FileHead;
  readonly source: FileSource;
  /** From a place on; by default all of it. */
  readonly parts: (begin?: FilePlace) => AsyncIterable<FilePart>;
}

async function openFile(
  ports: ExportPorts,
  principal: Principal,
  runId: RunId,
  query: ExportQuery,
): Promise<OpenFile> {
  const run = await loadOwnRun(ports, principal, runId);
  requireCasesVisible(principal, run);
  requireTask(run, query.task);
  const tasks = await loadTaskCases(ports, runId);
  await requireCasesKept(ports, runId, tasks);
  const { environment, version } = run;
  const verdicts = await loadVerdicts(ports, runId);
  const format = caseFormats[query.format];
  const stem = `${environment.replaceAll(/[^\w.-]+/g, "-")}-v${version}-${runId}`;
  const kind = query.format === format.extension ? "cases" : query.format;
  return {
    head: { contentType: format.contentType, filename: `${stem}-${kind}.${format.extension}` },
    source: { query, tasks, verdicts },
    parts: (begin) => {
      const steps = wholeCases(ports.blobs, { id: runId, tasks, verdicts }, query, begin);
      return formatCases(steps, format, { environment, version, run: runId }, begin);
    },
  };
}

/** @throws Conflict `export_too_large` */
async function* textsOf(parts: AsyncIterable<FilePart>, clock: Clock, maxMs: number): AsyncGenerator<string> {
  const end = clock.now().getTime() + maxMs;
  for await (const { text } of parts) {
    if (clock.now().getTime() > end) {
      throw new Conflict("export_too_large", "The cases are more than can be written into one answer here.", {
        hint: "benchgen export takes them in slices; over HTTP add slices=true, and go on where the header Link says.",
      });
    }
    if (text !== "") yield text;
  }
}

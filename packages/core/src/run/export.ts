/** A run's cases as a file, as those who may see them ask for it. */
import type { Principal } from "../access/principal.ts";
import type { CaseQuery } from "../case/cursor.ts";
import { caseFormats, formatCases } from "../export/format.ts";
import { wholeCases } from "../export/whole-case.ts";
import { loadVerdicts } from "../judge/verdict.ts";
import type { Ports } from "../ports.ts";
import type { CaseExportFormat } from "../wire/case-export.ts";
import type { RunId } from "../wire/id.ts";
import { loadTaskCases, requireCasesVisible, requireTask } from "./case.ts";
import { requireCasesKept } from "./missing-file.ts";
import { loadOwnRun } from "./read.ts";

export interface CaseFile {
  readonly contentType: string;
  /** Names environment, version and run. */
  readonly filename: string;
  readonly content: AsyncIterable<string>;
}

/**
 * The cases that match, whole, written while they are read: memory does not grow with them. Those that lack what the
 * format is made of are left out.
 * @throws NotFound also for a task the run does not have; Forbidden `output_hidden`
 */
export async function exportCases(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  runId: RunId,
  { format: name, ...query }: CaseQuery & { readonly format: CaseExportFormat },
): Promise<CaseFile> {
  const run = await loadOwnRun(ports, principal, runId);
  requireCasesVisible(principal, run);
  requireTask(run, query.task);
  const tasks = await loadTaskCases(ports, runId);
  await requireCasesKept(ports, runId, tasks);
  const { environment, version } = run;
  const format = caseFormats[name];
  const verdicts = await loadVerdicts(ports, runId);
  const cases = wholeCases(ports.blobs, { id: runId, tasks, verdicts }, query);
  const stem = `${environment.replaceAll(/[^\w.-]+/g, "-")}-v${version}-${runId}`;
  return {
    contentType: format.contentType,
    filename: `${stem}-${name === format.extension ? "cases" : name}.${format.extension}`,
    content: formatCases(cases, format, { environment, version, run: runId }),
  };
}

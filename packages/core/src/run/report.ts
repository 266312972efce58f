/** What a run's cases come to, as those who may see them ask for it. */
import type { Principal } from "../access/principal.ts";
import { NotFound } from "../error.ts";
import { judgedReport, regroupFailures } from "../judge/regroup.ts";
import { loadVerdicts } from "../judge/verdict.ts";
import type { Ports } from "../ports.ts";
import { loadFailures, loadReport, storeReport } from "../report/store.ts";
import type { RunId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import type { RunFailures, RunReport } from "../wire/report.ts";
import { isTerminal, runMoves } from "../wire/status.ts";
import { requireCasesVisible } from "./case.ts";
import { loadOwnRun } from "./read.ts";
import { type RunRecord, type TaskRecord, loadTasks } from "./record.ts";

/** Makes and stores the report of a run whose tasks are over. Undefined when they reported no cases. */
export async function makeReport(
  ports: Pick<Ports, "blobs">,
  run: RunRecord,
  tasks: readonly TaskRecord[],
): Promise<RunReport | undefined> {
  const reporting = tasks.flatMap(({ index, name, caseDirectory: directory }) =>
    directory === undefined ? [] : [{ index, name, directory }],
  );
  if (reporting.length === 0) return undefined;
  const { id: runId, name, environment, version: environmentVersion } = run;
  return storeReport(ports, { runId, name, environment, environmentVersion, tasks: reporting });
}

/** @throws NotFound also while the run goes on; Forbidden `output_hidden` */
export async function readReport(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  runId: RunId,
): Promise<RunReport> {
  const run = await requireReported(ports, principal, runId);
  const { name, environment, version: environmentVersion } = run;
  const none: RunReport = {
    version: 1,
    runId,
    name,
    environment,
    environmentVersion,
    tasks: [],
    problems: [],
  };
  return judgedReport((await loadReport(ports, runId)) ?? none, await loadVerdicts(ports, runId));
}

/** @throws NotFound also while the run goes on; Forbidden `output_hidden` */
export async function readFailures(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  runId: RunId,
): Promise<RunFailures> {
  await requireReported(ports, principal, runId);
  const none: RunFailures = { version: 1, runId, total: 0, categories: [], others: 0 };
  return regroupFailures((await loadFailures(ports, runId)) ?? none, await loadVerdicts(ports, runId));
}

/** The run, whose report is there if it ever will be. @throws NotFound; Forbidden `output_hidden` */
export async function requireReported(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  runId: RunId,
): Promise<RunRecord> {
  const run = await loadOwnRun(ports, principal, runId);
  requireCasesVisible(principal, run);
  if (!isTerminal(runMoves, run.status)) {
    throw new NotFound("report yet of run", runId, "It is made when the run's tasks are over.");
  }
  // A run that was cancelled never came to the step that makes it.
  if (run.status !== "succeeded" && (await ports.blobs.head(blobKey.failures(runId))) === undefined) {
    await makeReport(ports, run, await loadTasks(ports.table, runId));
  }
  return run;
}

/** What a run's cases come to, as those who may see them ask for it. */
import type { Principal } from "../access/principal.ts";
import { NotFound } from "../error.ts";
import { pageOfCases } from "../case/list.ts";
import { judgedReport, lacksExamples, regroupFailures, withExamples } from "../judge/regroup.ts";
import { loadVerdicts } from "../judge/verdict.ts";
import type { Ports } from "../ports.ts";
import { type ReportInput, loadFailures, loadReport, storeReport, tallyRun } from "../report/store.ts";
import type { RunId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import type { RunFailures, RunReport } from "../wire/report.ts";
import { isTerminal, runMoves } from "../wire/status.ts";
import { loadTaskCases, requireCasesVisible } from "./case.ts";
import { filesDeleted } from "./missing-file.ts";
import { loadOwnRun } from "./read.ts";
import { type RunRecord, type TaskRecord, loadTasks } from "./record.ts";

/** Failed cases among which new examples are looked for, where a judge took those there were. */
const maxExamined = 1000;

/** Makes and stores the report of a run whose tasks are over. Undefined when they reported no cases. */
export async function makeReport(
  ports: Pick<Ports, "blobs">,
  run: RunRecord,
  tasks: readonly TaskRecord[],
): Promise<RunReport | undefined> {
  const input = reportInput(run, tasks);
  return input.tasks.length === 0 ? undefined : storeReport(ports, input);
}

function reportInput(run: RunRecord, tasks: readonly TaskRecord[]): ReportInput {
  const { id: runId, name, environment, version: environmentVersion } = run;
  const reporting = tasks.flatMap(({ index, name, caseDirectory: directory }) =>
    directory === undefined ? [] : [{ index, name, directory }],
  );
  return { runId, name, environment, environmentVersion, tasks: reporting };
}

/**
 * @param seed asks for bootstrap intervals of means, which takes all cases once more
 * @throws NotFound also while the run goes on; Forbidden `output_hidden`
 */
export async function readReport(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  runId: RunId,
  seed?: number,
): Promise<RunReport> {
  const run = await requireReported(ports, principal, runId);
  const stored =
    seed === undefined ? await loadReport(ports, runId) : await resampledReport(ports, run, seed);
  if (stored === undefined) await requireNoCases(ports, runId);
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
  return judgedReport(stored ?? none, await loadVerdicts(ports, runId));
}

async function resampledReport(
  ports: Pick<Ports, "table" | "blobs">,
  run: RunRecord,
  seed: number,
): Promise<RunReport | undefined> {
  const input = reportInput(run, await loadTasks(ports.table, run.id));
  return input.tasks.length === 0 ? undefined : (await tallyRun(ports, input, seed)).report;
}

/** @throws NotFound also while the run goes on; Forbidden `output_hidden` */
export async function readFailures(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  runId: RunId,
): Promise<RunFailures> {
  await requireReported(ports, principal, runId);
  const stored = await loadFailures(ports, runId);
  if (stored === undefined) await requireNoCases(ports, runId);
  const none: RunFailures = { version: 1, runId, total: 0, categories: [], others: 0 };
  const verdicts = await loadVerdicts(ports, runId);
  const failures = regroupFailures(stored ?? none, verdicts);
  if (verdicts.size === 0 || !lacksExamples(failures)) return failures;
  const run = { id: runId, tasks: await loadTaskCases(ports, runId), verdicts };
  const { items } = await pageOfCases(ports, run, { outcome: "failed", limit: maxExamined });
  return withExamples(failures, items);
}

/** A run that is over and has no report never had a case. @throws NotFound where it had some: they were deleted */
async function requireNoCases({ table }: Pick<Ports, "table">, runId: RunId): Promise<void> {
  const tasks = await loadTasks(table, runId);
  if (tasks.some(({ caseDirectory }) => caseDirectory !== undefined)) throw filesDeleted(runId);
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
